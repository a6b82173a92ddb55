"""What may come of a call to a customer."""

from encours.core.wording import Wording

OUTCOMES = {
    "promised": Wording("call.promised", fr="Paiement promis", en="Payment promised"),
    "disputed": Wording("call.disputed", fr="Conteste une facture", en="Disputes an invoice"),
    "callback": Wording("call.callback", fr="À rappeler un autre jour", en="Call back on another day"),
    "reached": Wording("call.reached", fr="Joint, sans engagement", en="Reached, nothing agreed"),
    "no_answer": Wording("call.no_answer", fr="Pas de réponse", en="No answer"),
    "wrong_number": Wording("call.wrong_number", fr="Mauvais numéro", en="Wrong number"),
}
# The others bothered nobody: the minimum gap between two contacts does not count from them.
CONTACTED = frozenset({"promised", "disputed", "callback", "reached"})
