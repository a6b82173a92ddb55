from django.urls import path

from encours.backoffice.orders import chain, views

app_name = "orders"
urlpatterns = [
    path("", views.list_, name="list"),
    path("non-facture/", views.unbilled, name="unbilled"),
    path("non-facture/export.csv", views.export_unbilled, name="export_unbilled"),
    path("<int:order_id>/", chain.show, name="show"),
    path("<int:order_id>/rattacher/", chain.link, name="link"),
    path("<int:order_id>/detacher/", chain.unlink, name="unlink"),
    path("<int:order_id>/deduction/", chain.deduct, name="deduct"),
    path("<int:order_id>/etat/", chain.change_state, name="state"),
]
