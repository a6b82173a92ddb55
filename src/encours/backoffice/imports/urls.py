from django.urls import path

from encours.backoffice.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.list_, name="list"),
    path("envoi/", views.upload, name="upload"),
    path("<int:batch_id>/", views.show, name="show"),
    path("<int:batch_id>/fichier/", views.source_file, name="source_file"),
    path("<int:batch_id>/refus.csv", views.export_reasons, name="export_reasons"),
    path("<int:batch_id>/a-corriger.csv", views.export_lines, name="export_lines"),
    path("<int:batch_id>/colonnes/", views.columns, name="columns"),
    path("<int:batch_id>/reprise/", views.retry, name="retry"),
]
