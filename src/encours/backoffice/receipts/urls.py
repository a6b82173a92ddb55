from django.urls import path

from encours.backoffice.receipts import views

app_name = "receipts"
urlpatterns = [
    path("", views.list_, name="list"),
    path("accepter/", views.confirm_chosen, name="confirm_chosen"),
    path("rapprocher/", views.reconcile, name="reconcile"),
    path("tresorerie/", views.cash, name="cash"),
    path("accepter-par-score/", views.accept_by_score, name="accept_by_score"),
    path("lots/<int:acceptance_id>/", views.acceptance, name="acceptance"),
    path("<int:line_id>/", views.show, name="show"),
    path("<int:line_id>/choisir/", views.choose, name="choose"),
    path("<int:line_id>/rapprocher/", views.match, name="match"),
    path("<int:line_id>/ecarter/", views.set_line_aside, name="set_aside"),
    path("<int:line_id>/reprendre/", views.take_line_back, name="take_back"),
    path("<int:line_id>/revenir/", views.retract, name="retract"),
    path("<int:line_id>/propositions/<int:match_id>/accepter/", views.confirm, name="confirm"),
    path("<int:line_id>/propositions/<int:match_id>/refuser/", views.reject, name="reject"),
    path("<int:line_id>/propositions/<int:match_id>/defaire/", views.undo, name="undo"),
]
