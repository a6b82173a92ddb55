from django.urls import path

from encours.backoffice.interest import views

app_name = "interest"
urlpatterns = [
    path("", views.customer, name="customer"),
    path("abandonner/", views.waive, name="waive"),
]
