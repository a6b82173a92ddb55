from django.urls import path

from encours.backoffice.settings import (
    accounting,
    api_tokens,
    banks,
    matching,
    people,
    test_mode,
    views,
    webhooks,
)

app_name = "settings"
urlpatterns = [
    path("", views.company, name="company"),
    path("relance/", views.policy, name="policy"),
    path("mode-test/", test_mode.test_mode, name="test_mode"),
    path("equipe/", people.people, name="people"),
    path("equipe/<int:membership_id>/", people.change, name="change_member"),
    path("equipe/<int:membership_id>/retirer/", people.remove, name="remove_member"),
    path("banques/", banks.banks, name="banks"),
    path("banques/<int:connection_id>/", banks.bank, name="bank"),
    path("banques/<int:connection_id>/demander/", banks.change_bank, name="change_bank"),
    path("banques/<int:connection_id>/autoriser/", banks.authorise_bank, name="authorise_bank"),
    path("banques/<int:connection_id>/serveur/", banks.confirm_bank_host, name="confirm_bank_host"),
    path(
        "banques/<int:connection_id>/identifiants/", banks.replace_bank_secrets, name="replace_bank_secrets"
    ),
    path("banques/<int:connection_id>/garder/", banks.keep_bank_line, name="keep_bank_line"),
    path("banques/<int:connection_id>/revoquer/", banks.revoke_bank, name="revoke_bank"),
    path("banques/ajouter/", banks.add_bank, name="add_bank"),
    path("comptabilite/", accounting.accounting, name="accounting"),
    path("comptabilite/remettre/", accounting.hand_over, name="hand_over"),
    path("comptabilite/comptes/", accounting.change_accounts, name="change_accounts"),
    path("comptabilite/remises/<int:export_id>/", accounting.exported_file, name="exported_file"),
    path("rapprochement/", matching.matching, name="matching"),
    path("rapprochement/comparer/", matching.try_rules, name="try_rules"),
    path("rapprochement/comparaison/", matching.matching_preview, name="matching_preview"),
    path("rapprochement/comparaison/refaire/", matching.try_again, name="try_rules_again"),
    path("rapprochement/comparaison/enregistrer/", matching.save_rules, name="save_rules"),
    path("rapprochement/comparaison/abandonner/", matching.discard_rules, name="discard_rules"),
    path("api/", api_tokens.tokens, name="api"),
    path("api/<int:token_id>/revoquer/", api_tokens.revoke, name="revoke_token"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:endpoint_id>/changer/", webhooks.change, name="change_webhook"),
    path("webhooks/<int:endpoint_id>/retirer/", webhooks.remove, name="remove_webhook"),
    path("webhooks/<int:endpoint_id>/<int:delivery_id>/renvoyer/", webhooks.resend, name="resend_webhook"),
    path("profil/", views.profile, name="profile"),
]
