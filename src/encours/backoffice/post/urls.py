from django.urls import path

from encours.backoffice.post import views

app_name = "post"
urlpatterns = [
    path("", views.list_, name="list"),
    path("imprimer/", views.print_, name="print"),
    path("<int:batch_id>/", views.show, name="show"),
    path("<int:batch_id>/remis/", views.posted, name="posted"),
    path("<int:batch_id>/lot.pdf", views.pdf, name="pdf"),
    path("<int:batch_id>/destinataires.csv", views.recipients, name="recipients"),
    path("<int:batch_id>/retirer/<int:message_id>/", views.take_out, name="take_out"),
]
