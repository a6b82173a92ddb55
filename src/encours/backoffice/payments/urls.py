from django.urls import path

from encours.backoffice.payments import charges, failures, files, mandates, notices, payouts

app_name = "payments"
urlpatterns = [
    path("", charges.list_, name="list"),
    path("<int:charge_id>/", charges.show, name="show"),
    path("<int:charge_id>/evenements/<int:event_id>/", charges.event, name="event"),
    path("<int:charge_id>/rembourser/", charges.refund, name="refund"),
    path("<int:charge_id>/annuler/", charges.cancel, name="cancel"),
    path("<int:charge_id>/suivre/", charges.follow, name="follow"),
    path("mandats/", mandates.list_, name="mandates"),
    path("mandats/<int:mandate_id>/", mandates.show, name="mandate"),
    path("mandats/<int:mandate_id>/revoquer/", mandates.revoke, name="revoke_mandate"),
    path("annonces/", notices.list_, name="notices"),
    path("annonces/<int:notice_id>/arreter/", notices.stop, name="stop_notice"),
    path("fichiers/", files.list_, name="files"),
    path("fichiers/faire/", files.make, name="make_files"),
    path("fichiers/<int:file_id>/", files.show, name="file"),
    path("fichiers/<int:file_id>/telecharger/", files.download, name="download_file"),
    path("fichiers/<int:file_id>/remettre/", files.hand_in, name="hand_in_file"),
    path("fichiers/<int:file_id>/annuler/", files.cancel, name="cancel_file"),
    path("echecs/", failures.show, name="failures"),
    path("echecs/export.csv", failures.export, name="export_failures"),
    path("versements/", payouts.list_, name="payouts"),
    path("versements/<int:payout_id>/", payouts.show, name="payout"),
]
