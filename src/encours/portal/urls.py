"""Addresses of the portal, all below /p/. Those of a visitor begin with the company and the token that let it in."""

from django.urls import include, path

from encours.portal import (
    account,
    asking,
    changing,
    contacts,
    documents,
    look,
    pay,
    planning,
    proving,
    renewing,
    returning,
)

app_name = "portal"
# each page is a `visit.portal_page`
of_a_visitor = [
    path("", account.owed, name="owed"),
    path("reglees/", account.paid, name="paid"),
    path("payer/", pay.pay, name="pay"),
    path("payer/ouvrir/", pay.begin, name="begin"),
    path("virement/", pay.transfer, name="transfer"),
    path("paiements/<int:charge_id>/", pay.charge, name="charge"),
    path("paiements/<int:charge_id>/aller/", pay.go, name="go"),
    path("factures/<int:document_id>/", documents.original, name="original"),
    path("demandes/", asking.asks, name="asks"),
    path("demandes/deja-paye/", asking.already_paid, name="already_paid"),
    path("demandes/question/", asking.question, name="question"),
    path("demandes/messages/<int:reply_id>/", asking.message, name="message"),
    path("demandes/promesse/", changing.promise, name="promise"),
    path("demandes/contestation/", changing.dispute, name="dispute"),
    path("echeanciers/", planning.plans, name="plans"),
    path("echeanciers/demander/", planning.plan, name="plan"),
    path("echeanciers/<int:plan_id>/accord/", planning.agreement, name="agreement"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("code/", proving.code, name="code"),
    path("releve/<str:currency>/", documents.statement, name="statement"),
]
urlpatterns = [
    path("couleurs/<str:colour>.css", look.colours, name="colours"),
    path("<int:company_id>/logo/<str:digest>/", look.logo, name="logo"),
    path("<int:company_id>/<str:token>/nouveau-lien/", renewing.renewing, name="renewing"),
    path("<int:company_id>/retour/<str:reference>/<str:token>/", returning.returning, name="returning"),
    path("<int:company_id>/<str:token>/", include(of_a_visitor)),
]
