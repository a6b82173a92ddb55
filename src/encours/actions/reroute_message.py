"""A message whose channel does not reach goes by the next channel of its step. Inside the caller's transaction."""

from datetime import date

from encours.actions.journal import record
from encours.core.dunning.checking import next_channel
from encours.core.dunning.policy import CHANNEL_NAMES, tried_channels
from encours.core.dunning.reasons import INSTEAD
from encours.core.wording import Sentence
from encours.queries.dunning import customer_situation
from encours.store.models import Company, Message, PolicyStep


def other_channels(*, company: Company, message: Message) -> tuple[str, ...]:
    """The channels of its step after its own, in the order in which they are tried for its customer."""
    step = PolicyStep.objects.filter(
        company=company, policy=message.policy_id, code=message.step_code
    ).first()
    if step is None:
        return ()
    named = (step.channel, *step.fallbacks)
    if message.channel not in named or len(named) == 1:
        return ()
    tried = tried_channels(
        template=step.template, channels=named, preferred=message.customer.preferred_channel
    )
    return tried[tried.index(message.channel) + 1 :]


def channel_that_reaches(*, company: Company, message: Message, on: date) -> str:
    """The next channel of its step that reaches the customer; "" when none does."""
    others = other_channels(company=company, message=message)
    if not others:
        return ""
    found = customer_situation(
        company=company,
        customer_id=message.customer_id,
        message_id=message.pk,
        currency=message.currency,
        on=on,
    )
    return next_channel(situation=found, channels=others)


def reroute(*, company: Company, message: Message, channel: str, why: Sentence, actor: str) -> None:
    """Approved again, by another channel, with the reason in its words. It goes forward in its step's channels, so it never
    comes back to one that was tried."""
    before = message.channel
    message.reason = INSTEAD(
        planned=Sentence.from_json(message.reason), channel=CHANNEL_NAMES[channel](), why=why
    ).as_json()
    message.channel, message.state = channel, Message.State.APPROVED
    message.sent_date, message.sent_at = None, None
    message.save(update_fields=["reason", "channel", "state", "sent_date", "sent_at"])
    record(
        company=company,
        actor=actor,
        action="message.rerouted",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"from": before, "to": channel, "reason": why.as_json()},
    )
