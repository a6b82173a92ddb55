from django.urls import path

from encours.backoffice.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<int:message_id>/", views.show, name="show"),
    path("<int:message_id>/lettre/", views.letter, name="letter"),
    path("<int:message_id>/releve.pdf", views.statement, name="statement"),
    path("<int:message_id>/pieces/<int:attachment_id>/", views.attachment, name="attachment"),
    path("<int:message_id>/sort/", views.resolve, name="resolve"),
]
