from django.urls import path

from encours.backoffice.customers import consent, details, portal, views

app_name = "customers"
urlpatterns = [
    path("", views.list_, name="list"),
    path("export.csv", views.export, name="export"),
    path("<int:customer_id>/", views.show, name="show"),
    path("<int:customer_id>/releve/", views.statement, name="statement"),
    path("<int:customer_id>/modifier/", details.details, name="details"),
    path("<int:customer_id>/recommande/", consent.consent, name="consent"),
    path("<int:customer_id>/portail/", portal.portal, name="portal"),
    path("<int:customer_id>/portail/inviter/", portal.invite, name="invite"),
    path("<int:customer_id>/portail/envoyer/", portal.send, name="send_portal"),
    path("<int:customer_id>/portail/revoquer/", portal.revoke, name="revoke_portal"),
    path("<int:customer_id>/contacts/", views.contact, name="add_contact"),
    path("<int:customer_id>/contacts/<int:contact_id>/", views.contact, name="contact"),
    path("<int:customer_id>/contacts/<int:contact_id>/retirer/", views.remove, name="remove_contact"),
]
