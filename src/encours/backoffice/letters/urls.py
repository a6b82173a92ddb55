from django.urls import path

from encours.backoffice.letters import settings, views

app_name = "letters"
urlpatterns = [
    path("", views.list_, name="list"),
    path("parametres/", settings.settings, name="settings"),
    path("taux/", settings.rates, name="rates"),
    path("echeanciers/<int:plan_id>.pdf", views.plan_agreement, name="plan_agreement"),
    path("<slug:template>/<slug:tone>/<slug:language>/", views.edit, name="edit"),
    path("<slug:template>/<slug:tone>/<slug:language>/apercu/", views.preview, name="preview"),
    path("<slug:template>/<slug:tone>/<slug:language>/apercu.pdf", views.paper, name="paper"),
    path("<slug:template>/<slug:tone>/<slug:language>/standard/", views.reset, name="reset"),
]
