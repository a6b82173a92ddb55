"""Every route of the back office, found in its URL configuration, so that none is forgotten."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, reverse

from encours.backoffice import urls
from tests.backoffice import court, portal_requests
from tests.backoffice.conftest import House

# parameters of the routes that have some: of things that belong to Atelier Lumen
KWARGS: dict[str, Callable[[House], dict[str, Any]]] = {
    "cases:dispute": lambda house: {"dispute_id": house.dispute.pk},
    "cases:change_dispute": lambda house: {"dispute_id": house.dispute.pk},
    "cases:resolve": lambda house: {"dispute_id": house.dispute.pk},
    "cases:promise": lambda house: {"promise_id": house.promise.pk},
    "cases:withdraw_promise": lambda house: {"promise_id": house.promise.pk},
    "cases:plan": lambda house: {"plan_id": house.plan.pk},
    "cases:end_plan": lambda house: {"plan_id": house.plan.pk},
    "cases:open_dispute": lambda house: {"customer_id": house.customer.pk},
    "cases:record_promise": lambda house: {"customer_id": house.customer.pk},
    "cases:agree_plan": lambda house: {"customer_id": house.customer.pk},
    "cases:pause": lambda house: {"customer_id": house.customer.pk},
    "customers:show": lambda house: {"customer_id": house.customer.pk},
    "customers:statement": lambda house: {"customer_id": house.customer.pk},
    "customers:details": lambda house: {"customer_id": house.customer.pk},
    "customers:consent": lambda house: {"customer_id": house.customer.pk},
    **{
        f"customers:{name}": lambda house: {"customer_id": house.customer.pk}
        for name in ("portal", "invite", "send_portal", "revoke_portal")
    },
    "customers:add_contact": lambda house: {"customer_id": house.customer.pk},
    "customers:contact": lambda house: {"customer_id": house.customer.pk, "contact_id": house.contact.pk},
    "customers:remove_contact": lambda house: {
        "customer_id": house.customer.pk,
        "contact_id": house.contact.pk,
    },
    "court:prepare": lambda house: {"customer_id": house.customer.pk},
    "court:build": lambda house: {"customer_id": house.customer.pk},
    "court:attach": lambda house: {"customer_id": house.customer.pk},
    "court:show": lambda house: {"court_file_id": court.file_of(house)},
    "court:pdf": lambda house: {"court_file_id": court.file_of(house)},
    "court:archive": lambda house: {"court_file_id": court.file_of(house)},
    "court:hand_over": lambda house: {"court_file_id": court.file_of(house)},
    "court:take_back": lambda house: {"court_file_id": court.file_of(house)},
    "court:paper": lambda house: {"paper_id": court.paper_of(house)},
    "court:remove_paper": lambda house: {"paper_id": court.paper_of(house)},
    **{
        f"requests:{name}": lambda house: {"request_id": portal_requests.plan_asked_by(house)}
        for name in ("plan", "accept_plan", "offer_plan", "refuse_plan")
    },
    **{
        f"requests:{name}": lambda house: {"request_id": portal_requests.contact_asked_by(house)}
        for name in ("accept_contact", "refuse_contact")
    },
    "day:customer": lambda house: {"customer_id": house.customer.pk},
    "day:remove_rule": lambda house: {"rule_id": 0},
    "day:note": lambda house: {"customer_id": house.customer.pk},
    "day:read": lambda house: {"customer_id": house.customer.pk},
    "day:call": lambda house: {"customer_id": house.customer.pk},
    "documents:show": lambda house: {"document_id": house.invoice.pk},
    "documents:source_file": lambda house: {"document_id": house.invoice.pk},
    "dunning:cancel": lambda house: {"message_id": house.message.pk},
    "dunning:look": lambda house: {"message_id": house.message.pk},
    "dunning:postpone": lambda house: {"message_id": house.message.pk},
    "dunning:decide": lambda house: {"customer_id": house.customer.pk},
    "dunning:test_copy": lambda house: {"message_id": house.message.pk},
    "dunning:hold": lambda house: {"message_id": house.message.pk},
    "dunning:release": lambda house: {"hold_id": house.hold.pk},
    "imports:show": lambda house: {"batch_id": house.import_batch.pk},
    "imports:source_file": lambda house: {"batch_id": house.import_batch.pk},
    "imports:export_reasons": lambda house: {"batch_id": house.import_batch.pk},
    "imports:export_lines": lambda house: {"batch_id": house.import_batch.pk},
    "imports:columns": lambda house: {"batch_id": house.unknown_columns.pk},
    "imports:retry": lambda house: {"batch_id": house.import_batch.pk},
    **dict.fromkeys(
        ("letters:edit", "letters:preview", "letters:paper", "letters:reset"),
        lambda house: {"template": "reminder_1", "tone": "firm", "language": "fr"},
    ),
    "letters:plan_agreement": lambda house: {"plan_id": house.plan.pk},
    "interest:customer": lambda house: {"customer_id": house.customer.pk},
    "interest:waive": lambda house: {"customer_id": house.customer.pk},
    "messages:show": lambda house: {"message_id": house.message.pk},
    "messages:letter": lambda house: {"message_id": house.message.pk},
    "messages:statement": lambda house: {"message_id": house.message.pk},
    "messages:attachment": lambda house: {"message_id": house.message.pk, "attachment_id": 0},
    "messages:resolve": lambda house: {"message_id": house.message.pk},
    **{
        f"orders:{name}": lambda house: {"order_id": house.order.pk}
        for name in ("show", "link", "unlink", "deduct", "state")
    },
    **{
        f"payments:{name}": lambda house: {"charge_id": house.paid.charge.pk}
        for name in ("show", "refund", "cancel", "follow")
    },
    **{
        f"payments:{name}": lambda house: {"file_id": house.paid.file.pk}
        for name in ("file", "download_file", "hand_in_file", "cancel_file")
    },
    "payments:event": lambda house: {"charge_id": house.paid.charge.pk, "event_id": house.paid.event.pk},
    "payments:mandate": lambda house: {"mandate_id": house.paid.mandate.pk},
    "payments:revoke_mandate": lambda house: {"mandate_id": house.paid.mandate.pk},
    "payments:stop_notice": lambda house: {"notice_id": house.paid.notice.pk},
    "payments:payout": lambda house: {"payout_id": house.paid.payout.pk},
    "terms:customer": lambda house: {"customer_id": house.customer.pk},
    "policies:show": lambda house: {"policy_id": house.policy.pk},
    "policies:export": lambda house: {"policy_id": house.policy.pk},
    "policies:edit": lambda house: {"policy_id": house.policy.pk},
    "policies:ask": lambda house: {"policy_id": house.policy.pk},
    "policies:preview": lambda house: {"preview_id": house.policy_preview.pk},
    "policies:edit_again": lambda house: {"preview_id": house.policy_preview.pk},
    "policies:again": lambda house: {"preview_id": house.policy_preview.pk},
    "policies:apply": lambda house: {"preview_id": house.policy_preview.pk},
    "policies:discard": lambda house: {"preview_id": house.policy_preview.pk},
    "policies:choose_for_customer": lambda house: {"customer_id": house.customer.pk},
    "policies:choose_for_document": lambda house: {"document_id": house.invoice.pk},
    "receipts:show": lambda house: {"line_id": house.line.pk},
    "receipts:choose": lambda house: {"line_id": house.line.pk},
    "receipts:retract": lambda house: {"line_id": house.line.pk},
    "receipts:acceptance": lambda house: {"acceptance_id": house.acceptance_id},
    "receipts:match": lambda house: {"line_id": house.line.pk},
    "receipts:set_aside": lambda house: {"line_id": house.line.pk},
    "receipts:take_back": lambda house: {"line_id": house.line.pk},
    "receipts:confirm": lambda house: {"line_id": house.line.pk, "match_id": house.match.pk},
    "receipts:reject": lambda house: {"line_id": house.line.pk, "match_id": house.match.pk},
    "receipts:undo": lambda house: {"line_id": house.line.pk, "match_id": house.match.pk},
    **dict.fromkeys(
        ("post:show", "post:posted", "post:pdf", "post:recipients"),
        lambda house: {"batch_id": house.letter_batch.pk},
    ),
    "post:take_out": lambda house: {"batch_id": house.letter_batch.pk, "message_id": house.letter.pk},
    **dict.fromkeys(
        ("tasks:show", "tasks:complete", "tasks:cancel"), lambda house: {"task_id": house.task.pk}
    ),
    **{
        f"settings:{name}": lambda house: {"connection_id": house.channel.pk}
        for name in (
            "channel",
            "change_channel",
            "confirm_channel_host",
            "replace_channel_credentials",
            "revoke_channel",
        )
    },
    **{
        f"settings:{name}": lambda house: {"connection_id": house.gateway.pk}
        for name in ("gateway", "change_gateway", "replace_gateway_credentials", "revoke_gateway")
    },
    "settings:bank": lambda house: {"connection_id": house.connection.pk},
    "settings:change_bank": lambda house: {"connection_id": house.connection.pk},
    "settings:authorise_bank": lambda house: {"connection_id": house.connection.pk},
    "settings:confirm_bank_host": lambda house: {"connection_id": house.connection.pk},
    "settings:replace_bank_secrets": lambda house: {"connection_id": house.connection.pk},
    "settings:keep_bank_line": lambda house: {"connection_id": house.connection.pk},
    "settings:revoke_bank": lambda house: {"connection_id": house.connection.pk},
    **{
        f"replies:{name}": lambda house: {"reply_id": house.reply.pk}
        for name in ("show", "accept", "dismiss", "undo", "correct", "match", "raw")
    },
    "replies:attachment": lambda house: {"reply_id": house.reply.pk, "number": 0},
    **{
        f"settings:{name}": lambda house: {"mailbox_id": house.mailbox.pk}
        for name in (
            "mailbox",
            "change_mailbox",
            "replace_mailbox_secrets",
            "revoke_mailbox",
            "authorise_mailbox",
        )
    },
    **dict.fromkeys(
        ("settings:mail_notice", "settings:change_mail_notice"),
        lambda house: {"mailbox_id": house.mail_notice.mailbox_id, "notice_id": house.mail_notice.pk},
    ),
    "settings:revoke_token": lambda house: {"token_id": house.token.pk},
    "settings:webhook": lambda house: {"endpoint_id": house.endpoint.pk},
    "settings:change_webhook": lambda house: {"endpoint_id": house.endpoint.pk},
    "settings:remove_webhook": lambda house: {"endpoint_id": house.endpoint.pk},
    "settings:resend_webhook": lambda house: {
        "endpoint_id": house.endpoint.pk,
        "delivery_id": house.delivery.pk,
    },
    "settings:change_member": lambda house: {"membership_id": house.membership.pk},
    "settings:exported_file": lambda house: {"export_id": 0},
    "settings:remove_member": lambda house: {"membership_id": house.membership.pk},
}
# what a GET answers when it is no page: a file that is not there, a button pressed without its form
NOT_A_PAGE = {"court:pdf": 200, "payments:download_file": 200, "court:archive": 200, "court:paper": 200, "post:pdf": 200, "post:recipients": 200, "documents:source_file": 404, "messages:attachment": 404, "messages:letter": 200,
              "dunning:look": 302, "settings:exported_file": 404, "settings:policy": 302, "letters:preview": 200,
              "settings:mail_notice": 200, "settings:mailbox_consent": 302}  # fmt: skip
# what their parameters name is the product's: each company sees its own side of it
OF_EVERY_COMPANY = {"letters:edit", "letters:preview", "letters:paper", "letters:reset"}


@dataclass(frozen=True)
class Route:
    name: str
    view: Any
    has_parameters: bool

    @property
    def needed_role(self) -> str:
        return self.view.needed_role

    def url(self, house: House) -> str:
        if not self.has_parameters:
            return reverse(self.name)
        assert self.name in KWARGS, f"give the parameters of {self.name} in tests/backoffice/routes.py"
        return reverse(self.name, kwargs=KWARGS[self.name](house))


def all_routes() -> list[Route]:
    return sorted(_walk(urls.urlpatterns, ""), key=lambda route: route.name)


def _walk(patterns: Any, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(
                pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace
            )
        elif isinstance(pattern, URLPattern):
            yield Route(
                name=f"{namespace}{pattern.name}",
                view=pattern.callback,
                has_parameters=bool(pattern.pattern.regex.groupindex),
            )
