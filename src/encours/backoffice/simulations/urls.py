from django.urls import path

from encours.backoffice.simulations import conversion, views

app_name = "simulations"
urlpatterns = [
    path("simulation/", views.simulation, name="simulation"),
    path("simulation/lancer/", views.simulate, name="simulate"),
    path("simulation/envois/", views.simulated, name="simulated"),
    path("simulation/envois.csv", views.export_simulated, name="export_simulated"),
    path("rejeu/", views.replay, name="replay"),
    path("rejeu/lancer/", views.live_again, name="live_again"),
    path("rejeu/envois/", views.replayed, name="replayed"),
    path("rejeu/envois.csv", views.export_replayed, name="export_replayed"),
    path("conversion/", conversion.show, name="conversion"),
    path("conversion/tirage/", conversion.hold_out, name="hold_out"),
]
