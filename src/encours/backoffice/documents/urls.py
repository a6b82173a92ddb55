from django.urls import path

from encours.backoffice.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.list_, name="list"),
    path("export.csv", views.export, name="export"),
    path("<int:document_id>/", views.show, name="show"),
    path("<int:document_id>/fichier/", views.source_file, name="source_file"),
]
