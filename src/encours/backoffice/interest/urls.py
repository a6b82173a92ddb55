from django.urls import path

from encours.backoffice.interest import views

app_name = "interest"
urlpatterns = [
    path("<int:customer_id>/penalites/", views.customer, name="customer"),
    path("<int:customer_id>/penalites/abandonner/", views.waive, name="waive"),
]
