"""Routes of the API. A version that others rely on is never changed, only added to."""

from django.urls import path

from encours.api.v1 import api

urlpatterns = [path("v1/", api.urls)]
