from django.urls import path

from encours.backoffice.settings import people, views

app_name = "settings"
urlpatterns = [
    path("", views.company, name="company"),
    path("relance/", views.policy, name="policy"),
    path("equipe/", people.people, name="people"),
    path("equipe/<int:membership_id>/", people.change, name="change_member"),
    path("equipe/<int:membership_id>/retirer/", people.remove, name="remove_member"),
    path("profil/", views.profile, name="profile"),
]
