from django.urls import path

from encours.backoffice.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.list_, name="list"),
]
