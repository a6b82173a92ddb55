"""Routes of every face."""

from django.urls import include, path

urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("compte/mfa/", include("allauth.mfa.urls")),
    path("", include("encours.backoffice.urls")),
]
