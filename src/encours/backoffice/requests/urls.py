from django.urls import path

from encours.backoffice.requests import contacts, plans, views

app_name = "requests"
urlpatterns = [
    path("", views.list_, name="list"),
    path("echeanciers/<int:request_id>/", plans.show, name="plan"),
    path("echeanciers/<int:request_id>/accepter/", plans.accept, name="accept_plan"),
    path("echeanciers/<int:request_id>/proposer/", plans.offer, name="offer_plan"),
    path("echeanciers/<int:request_id>/refuser/", plans.refuse, name="refuse_plan"),
    path("contacts/<int:request_id>/accepter/", contacts.accept, name="accept_contact"),
    path("contacts/<int:request_id>/refuser/", contacts.refuse, name="refuse_contact"),
]
