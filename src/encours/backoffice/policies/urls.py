from django.urls import path

from encours.backoffice.policies import choices, editor, previews, views

app_name = "policies"
urlpatterns = [
    path("", views.list_, name="list"),
    path("nouveau/", views.start, name="start"),
    path("nouveau/modifier/", editor.edit, name="create"),
    path("<int:policy_id>/", views.show, name="show"),
    path("<int:policy_id>/document.yaml", views.export, name="export"),
    path("<int:policy_id>/modifier/", editor.edit, name="edit"),
    path("<int:policy_id>/comparer/", previews.ask, name="ask"),
    path("comparaisons/<int:preview_id>/", previews.preview, name="preview"),
    path("comparaisons/<int:preview_id>/modifier/", editor.edit_again, name="edit_again"),
    path("comparaisons/<int:preview_id>/refaire/", previews.again, name="again"),
    path("comparaisons/<int:preview_id>/enregistrer/", previews.apply, name="apply"),
    path("comparaisons/<int:preview_id>/abandonner/", previews.discard, name="discard"),
    path("segments/", choices.segments, name="segments"),
    path("clients/<int:customer_id>/", choices.customer, name="choose_for_customer"),
    path("factures/<int:document_id>/", choices.document, name="choose_for_document"),
]
