from django.urls import path

from encours.backoffice.tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.list_, name="list"),
    path("<int:task_id>/", views.show, name="show"),
    path("<int:task_id>/terminer/", views.complete, name="complete"),
    path("<int:task_id>/reprendre/", views.cancel, name="cancel"),
]
