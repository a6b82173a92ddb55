from django.urls import path

from encours.backoffice.day import digest, notes, portfolios, views

app_name = "day"
urlpatterns = [
    path("", views.show, name="show"),
    path("poids/", views.weights, name="weights"),
    path("annonce/", digest.digest, name="digest"),
    path("portefeuilles/", portfolios.portfolios, name="portfolios"),
    path("portefeuilles/changer/", portfolios.change, name="change_portfolios"),
    path("portefeuilles/regles/<int:rule_id>/retirer/", portfolios.remove, name="remove_rule"),
    path("<int:customer_id>/", views.customer, name="customer"),
    path("<int:customer_id>/note/", notes.note, name="note"),
    path("<int:customer_id>/lu/", notes.read, name="read"),
    path("<int:customer_id>/appel/", views.call, name="call"),
]
