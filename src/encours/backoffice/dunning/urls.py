from django.urls import path

from encours.backoffice.dunning import approvals, views

app_name = "dunning"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("approuver/", views.approve, name="approve"),
    path("envoyer/", views.send, name="send"),
    path("planifier/", views.plan, name="plan"),
    path("<int:message_id>/annuler/", views.cancel, name="cancel"),
    path("<int:message_id>/regarder/", approvals.look, name="look"),
    path("<int:message_id>/reporter/", approvals.postpone, name="postpone"),
    path("fin-de-scenario/<int:customer_id>/", approvals.decide, name="decide"),
    path("<int:message_id>/copie/", views.test_copy, name="test_copy"),
    path("<int:message_id>/suspendre/", views.hold, name="hold"),
    path("suspensions/<int:hold_id>/lever/", views.release, name="release"),
]
