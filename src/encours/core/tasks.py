"""What came of a task a person had about a customer."""

from encours.core.wording import Wording

# A contact counts in the minimum gap between two contacts; without one, nobody was bothered.
CONTACTED = frozenset({"paid", "promised", "disputed", "reached", "message_left"})

OUTCOMES = {
    "promised": Wording("task.promised", fr="Paiement promis", en="Payment promised"),
    "paid": Wording("task.paid", fr="Dit avoir payé", en="Says it is paid"),
    "disputed": Wording("task.disputed", fr="Contesté", en="Disputed"),
    "reached": Wording("task.reached", fr="Joint, sans engagement", en="Reached, nothing agreed"),
    "message_left": Wording("task.message_left", fr="Message laissé", en="Message left"),
    "not_reached": Wording("task.not_reached", fr="Personne de joignable", en="Nobody could be reached"),
    "wrong_contact": Wording("task.wrong_contact", fr="Mauvais interlocuteur", en="Wrong contact"),
    "not_needed": Wording("task.not_needed", fr="Plus nécessaire", en="Not needed any more"),
}


def is_contact(outcome: str) -> bool:
    """Whether the customer heard from us."""
    return outcome in CONTACTED
