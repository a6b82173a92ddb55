"""The turns of phrase that point at an intent, in French and English, over plain text (`core.grammar.plain`).

They lie in `phrases/`, a file per intent and language. A cue says what it points at, how much it weighs alone, and what it needs of the days
in its sentence. Gaps are bounded and a sentence is short: no text makes a pattern run away. What denies a cue or takes it back is here.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, get_args

Intent = Literal[
    "promise", "dispute", "already_paid", "wrong_contact", "out_of_office", "question", "unsubscribe", "other"
]
# what the days of the sentence must be: "future" one to come, "not_future" none to come, "past" one gone by
Needs = Literal["", "future", "not_future", "past"]

INTENTS: tuple[Intent, ...] = get_args(Intent)
_LANGUAGES = ("fr", "en", "any")
_PART = re.compile(r"<([A-Z]+)>")


@dataclass(frozen=True)
class Cue:
    """`weight` is the share of sentences with this turn that mean it; `reason` a dispute's; `asks`: means nothing in a question."""

    intent: Intent
    weight: float
    pattern: re.Pattern[str]
    needs: Needs = ""
    reason: str = ""
    asks: bool = False


def _cues() -> Iterator[Cue]:
    folder = files("encours.core.replies") / "phrases"
    parts: dict[str, str] = tomllib.loads((folder / "parts.toml").read_text("utf-8"))
    for intent in INTENTS:
        for language in _LANGUAGES:
            file = folder / f"{intent}.{language}.toml"
            if file.is_file():
                for turn in tomllib.loads(file.read_text("utf-8"))["turns"]:
                    yield from _turn(intent, parts, **turn)


def _turn(
    intent: Intent, parts: Mapping[str, str], *, weight: float, phrases: Sequence[str], needs: Needs = "",
    reason: str = "", asks: bool = False,
) -> Iterator[Cue]:  # fmt: skip
    for phrase in phrases:
        pattern = re.compile(_PART.sub(lambda found: parts[found[1]], phrase))
        yield Cue(intent, weight, pattern, needs, reason, asks)


CUES: tuple[Cue, ...] = tuple(_cues())

# said of paying, but not of having paid
NOT_DONE = re.compile(
    r"\bn(?:e |')(?:\S+ ){0,6}(?:pas|jamais|plus|point|rien|aucun)\b|\b(?:pas|jamais) (?:encore |pu |ete |tout )?(?:\S+ )?(?:pay|regl|vir|vers|sold|fait|effectu|recu)"
    r"|\b(?:not|n't|never|yet to|unable|could not|failed to|nobody|without) (?:\S+ ){0,4}(?:pa(?:y|id)|settle\w*|transfer\w*|sent|made|been|processed|cleared|get|got)\b|\bimpayee?s?\b|\bunpaid\b"
)
CONDITION = re.compile(
    r"(?<!ben )(?<!mais )\b(?:si|s'il|quand|lorsque|une fois|if|when|once|unless|whether|des lors que|a moins que|apres que|provided)\b"
)
AGREES = re.compile(
    r"\b(?:if (?:you agree|that(?:'s| is) (?:ok|fine|okay)|ok)|si (?:vous etes d'accord|cela vous convient|ca vous (?:va|convient)|vous acceptez|possible|besoin))\b"
)
# "the amount is correct and no longer disputed", "pas de contestation"
NO_DISPUTE = re.compile(
    r"\b(?:no longer|not|n't|pas|plus|aucune?|ne|sans|no|withdraw\w*|lev(?:e|ons|ee)) (?:\S+ )?(?:dispute[ds]?|disputing|contest\w+|litige|refus\w+|bloque\w*|blocked|on hold|rejet\w+|rejected|disagree)\b(?! (?:\S+ ){0,4}(?:pay|regl))"
    # a bank rejects a transfer, not the customer the invoice
    r"|\b(?:virements?|reglements?|paiements?|prelevements?|cheques?|payments?|transfers?|debits?) (?:\S+ ){0,3}(?:rejete\w*|rejected|returned|bounced)\b"
    r"|\b(?:rejete\w*|refusee?s?) par (?:la|ma|notre|sa|votre|leur) banque\b|\b(?:rejected|refused|returned) by (?:the|our|my|your|their) bank\b"
)
HABIT = re.compile(
    r"\b(?:toujours (?:paye|regle)|always paid|autres factures|other invoices|previous invoices|factures precedentes|every other)\b"
)
CUSTOMER_OF_CUSTOMER = re.compile(
    r"\b(?:notre|nos|mon|mes|our|my) (?:propres? |own )?(?:clients?|customers?)\b"
)
RETURN = re.compile(
    r"\b(?:retour|reviens|reviendr\w+|rentr\w+|reprise|reprend\w*|back|return\w*|reopen\w*|reouv\w+|rouvr\w+|rouver\w+|joignable|disponible|available|reachable|a (?:partir|compter) d|as of|as from|from the|des le|traiterai\w*|repondr\w+)\b"
)
UNTIL = re.compile(r"(?:jusqu|until|till|through|\bau\b|\bto\b|\bthru\b|\binclus)")
INCLUSIVE = re.compile(r"\b(?:inclus\w*|compris|included|inclusive|through)\b")
SALUTATION = re.compile(
    r"^(?:bonjour|bonsoir|hello|hi|dear|hey|salut|slt|bjr|madame|monsieur|cher|chere|good (?:morning|afternoon))\b[^.!?]{0,40}$"
)
# what the customer will do is write or call again, not pay
CONTACT_BACK = re.compile(
    r"\b(?:rappel\w+|appel\w+|call|ring|repond\w*|reply|respond|tiens au courant|let you know|keep you|reviens|revenir|reviendr\w+|revenons|get back|un retour|un point|meeting|reunion|rendez-vous|rdv|passe vous voir|passer vous voir|discut\w+|discuss|talk|look into|verif\w+|check)\b"
)
PAYS = re.compile(
    r"\b(?:pa[iy]e?\w*|regl\w+|vir\w+|vers(?:e|er|erai|erons|ons|ement\w*)|sold\w+|cheques?|transfer\w*|wire|settle\w*|funds|argent|money|remit\w*|prelev\w+|echeanc\w+)\b"
)
NOT_YET_PAID = re.compile(
    r"\b(?:sera|seront|serez|va|vont|aura|auront|aurez|devrait|devra|doit|doivent|pourra|pourrai|pourrons|will|'ll|shall|to be|going to|would|could|can|should|get|may|might|gets|getting|make sure|ensure|sure it is|en sorte)\b"
)
PRESENT = re.compile(r"\b(?:je|on) (?:vous |le |la |l'|te )?(?:paye|regle|vire|verse|solde)$")
