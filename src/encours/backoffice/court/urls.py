from django.urls import path

from encours.backoffice.court import papers, views

app_name = "court"
urlpatterns = [
    path("clients/<int:customer_id>/", views.prepare, name="prepare"),
    path("clients/<int:customer_id>/constituer/", views.build, name="build"),
    path("clients/<int:customer_id>/pieces/", papers.attach, name="attach"),
    path("dossiers/<int:court_file_id>/", views.show, name="show"),
    path("dossiers/<int:court_file_id>/pdf/", views.pdf, name="pdf"),
    path("dossiers/<int:court_file_id>/archive/", views.archive, name="archive"),
    path("dossiers/<int:court_file_id>/remettre/", views.hand_over, name="hand_over"),
    path("dossiers/<int:court_file_id>/reprendre/", views.take_back, name="take_back"),
    path("pieces/<int:paper_id>/", papers.show, name="paper"),
    path("pieces/<int:paper_id>/retirer/", papers.remove, name="remove_paper"),
]
