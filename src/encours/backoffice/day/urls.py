from django.urls import path

from encours.backoffice.day import views

app_name = "day"
urlpatterns = [
    path("", views.show, name="show"),
    path("poids/", views.weights, name="weights"),
    path("<int:customer_id>/", views.customer, name="customer"),
    path("<int:customer_id>/appel/", views.call, name="call"),
]
