from django.urls import path

from encours.backoffice.replies import views

app_name = "replies"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<int:reply_id>/", views.show, name="show"),
    path("<int:reply_id>/suivre/", views.accept, name="accept"),
    path("<int:reply_id>/classer/", views.dismiss, name="dismiss"),
    path("<int:reply_id>/reprendre/", views.undo, name="undo"),
    path("<int:reply_id>/lecture/", views.correct, name="correct"),
    path("<int:reply_id>/client/", views.match, name="match"),
    path("<int:reply_id>/message.eml", views.raw, name="raw"),
    path("<int:reply_id>/pieces/<int:number>/", views.attachment, name="attachment"),
]
