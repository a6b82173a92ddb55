from django.urls import path

from encours.backoffice.terms import views

app_name = "terms"
urlpatterns = [
    path("conditions/", views.overview, name="overview"),
    path("conditions/plafonds/", views.caps, name="caps"),
    path("<int:customer_id>/conditions/", views.customer, name="customer"),
]
