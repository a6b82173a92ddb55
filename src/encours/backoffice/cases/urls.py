from django.urls import path

from encours.backoffice.cases import disputes, plans, promises, views

app_name = "cases"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<int:dispute_id>/", disputes.show, name="dispute"),
    path("<int:dispute_id>/modifier/", disputes.change, name="change_dispute"),
    path("<int:dispute_id>/resoudre/", disputes.resolve, name="resolve"),
    path("promesses/<int:promise_id>/", promises.show, name="promise"),
    path("promesses/<int:promise_id>/retirer/", promises.withdraw, name="withdraw_promise"),
    path("echeanciers/<int:plan_id>/", plans.show, name="plan"),
    path("echeanciers/<int:plan_id>/arreter/", plans.end, name="end_plan"),
    path("clients/<int:customer_id>/litige/", disputes.open_, name="open_dispute"),
    path("clients/<int:customer_id>/promesse/", promises.record, name="record_promise"),
    path("clients/<int:customer_id>/echeancier/", plans.agree, name="agree_plan"),
    path("clients/<int:customer_id>/pause/", views.pause, name="pause"),
]
