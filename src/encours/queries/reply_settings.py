"""What a company lets replies do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from encours.core.wording import Sentence
from encours.store.models import Company, ReplySettings


@dataclass(frozen=True)
class ReplyRules:
    """`thresholds` are whole percents by intent: from there on a reading is followed by itself, an intent that is not named never is.
    `payment_wait_days` is how long reminders wait for money that is said to be on its way.
    """

    thresholds: Mapping[str, int] = field(default_factory=dict)
    holds_while_waiting: bool = True
    payment_wait_days: int = 5
    reader_url: str = ""
    reader_model: str = ""
    has_reader_key: bool = False
    reader_problem: Sentence | None = None


def reply_settings(*, company: Company) -> ReplyRules:
    """The defaults while nobody has set anything."""
    found = ReplySettings.objects.filter(company=company).first()
    if found is None:
        return ReplyRules()
    return ReplyRules(
        thresholds=found.thresholds,
        holds_while_waiting=found.holds_while_waiting,
        payment_wait_days=found.payment_wait_days,
        reader_url=found.reader_url,
        reader_model=found.reader_model,
        has_reader_key=bool(found.reader_sealed),
        reader_problem=Sentence.from_json(found.reader_problem) if found.reader_problem else None,
    )
