from django.urls import path

from encours.backoffice.journal import views

app_name = "journal"
urlpatterns = [path("", views.list_, name="list")]
