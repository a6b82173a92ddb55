"""Routes of the back office. Each noun has its own, under a namespace of its name."""

from django.urls import include, path

from encours.backoffice import preferences

urlpatterns = [
    path("", include("encours.backoffice.dashboard.urls")),
    path("ma-journee/", include("encours.backoffice.day.urls")),
    path("relances/", include("encours.backoffice.dunning.urls")),
    path("scenarios/", include("encours.backoffice.policies.urls")),
    path("scenarios/", include("encours.backoffice.simulations.urls")),
    path("clients/", include("encours.backoffice.interest.urls")),
    path("clients/", include("encours.backoffice.terms.urls")),
    path("clients/", include("encours.backoffice.customers.urls")),
    path("factures/", include("encours.backoffice.documents.urls")),
    path("commandes/", include("encours.backoffice.orders.urls")),
    path("encaissements/", include("encours.backoffice.receipts.urls")),
    path("paiements/", include("encours.backoffice.payments.urls")),
    path("tribunal/", include("encours.backoffice.court.urls")),
    path("litiges/", include("encours.backoffice.cases.urls")),
    path("demandes/", include("encours.backoffice.requests.urls")),
    path("envois/", include("encours.backoffice.messages.urls")),
    path("reponses/", include("encours.backoffice.replies.urls")),
    path("courriers/", include("encours.backoffice.post.urls")),
    path("taches/", include("encours.backoffice.tasks.urls")),
    path("imports/", include("encours.backoffice.imports.urls")),
    path("journal/", include("encours.backoffice.journal.urls")),
    path("reglages/lettres/", include("encours.backoffice.letters.urls")),
    path("reglages/", include("encours.backoffice.settings.urls")),
    path("notifications/banques/", include("encours.backoffice.bank_notices.urls")),
    path("notifications/paiements/", include("encours.backoffice.payment_notices.urls")),
    path("notifications/envois/", include("encours.backoffice.report_notices.urls")),
    path("notifications/reponses/", include("encours.backoffice.mail_notices.urls")),
    path("entreprise/", preferences.switch_company, name="switch_company"),
    path("langue/", preferences.set_language, name="set_language"),
    path("apparence/", preferences.set_theme, name="set_theme"),
]
