"""What a reading leads to, and when it may be followed without a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from encours.core.replies.cues import Intent
from encours.core.wording import Sentence, Wording

INTENTS: tuple[Intent, ...] = get_args(Intent)
# a question is answered by somebody, and what is not understood is read by somebody
FOLLOWED: tuple[Intent, ...] = (
    "promise",
    "dispute",
    "already_paid",
    "wrong_contact",
    "out_of_office",
    "unsubscribe",
)
LOWEST_PERCENT = 50
MatchedBy = Literal["thread", "plus", "address", "number", "domain", "portal", "person", ""]
# Anybody can write an address into a mail; the name of a message of ours, or a link to the portal, is known to whoever got it.
_TRUSTED = ("thread", "plus", "portal")

# a reply's reason for a dispute -> the reform's code (core.cases.disputes.REASONS)
DISPUTE_CODES: Mapping[str, str] = {
    "quality": "QUALITE_ERR",
    "price": "PU_ERR",
    "quantity": "QTE_ERR",
    "delivery": "LIVR_INCOMP",
    "not_ordered": "TRANSAC_INC",
    "duplicate": "DOUBLE_FACT",
    "invoice_error": "NON_CONFORME",
}
OTHER_DISPUTE = "AUTRE"

NO_THRESHOLD = Wording(
    "reply.no_threshold",
    fr="Cette intention attend toujours une personne.",
    en="This intent always waits for a person.",
)
TOO_UNSURE = Wording(
    "reply.too_unsure",
    fr="Sûr à {percent} %, il en faut {threshold}.",
    en="{percent}% sure, {threshold} is needed.",
)
NOT_TRUSTED = Wording(
    "reply.not_trusted",
    fr="Ce n'est pas une réponse à un de nos messages : n'importe qui peut l'avoir écrite.",
    en="It answers none of our messages: anybody may have written it.",
)
SEVERAL_THINGS = Wording(
    "reply.several_things",
    fr="La réponse dit plusieurs choses : une personne la lit.",
    en="The reply says several things: a person reads it.",
)
DAY_UNSURE = Wording(
    "reply.day_unsure",
    fr="Le jour n'est pas dit exactement.",
    en="The day is not told exactly.",
)
READERS_DISAGREE = Wording(
    "reply.readers_disagree",
    fr="Le second lecteur comprend autre chose.",
    en="The second reader understands something else.",
)


@dataclass(frozen=True)
class Read:
    """What decides whether a reading is followed by itself. `confidence` from 0 to 1; `also` the other intents the reply holds;
    `confirmed` what the second reader says: None when none was asked.
    """

    intent: str
    confidence: float
    matched_by: str
    day: date | None
    day_certainty: str
    also: tuple[str, ...] = ()
    confirmed: bool | None = None


def why_not_alone(read: Read, *, thresholds: Mapping[str, int]) -> Sentence | None:
    """Why a person must look; None when the company lets this be followed by itself."""
    threshold = thresholds.get(read.intent)
    if read.intent not in FOLLOWED or threshold is None:
        return NO_THRESHOLD()
    if read.matched_by not in _TRUSTED:
        return NOT_TRUSTED()
    percent = int(read.confidence * 100)
    if percent < threshold:
        return TOO_UNSURE(percent=percent, threshold=threshold)
    if any(each in FOLLOWED or each == "question" for each in read.also):
        return SEVERAL_THINGS()
    if read.confirmed is False:
        return READERS_DISAGREE()
    if read.intent == "promise" and (read.day is None or read.day_certainty != "exact"):
        return DAY_UNSURE()
    return None
