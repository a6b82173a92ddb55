from django.urls import path

from encours.backoffice.dashboard import views

app_name = "dashboard"
urlpatterns = [path("", views.show, name="show")]
