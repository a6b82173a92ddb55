"""Dunning (relance): who is asked for what today, why, and whether a planned message may still leave.

`plan` is pure over frames: the same situation and day give the same plan. What it plans is stored by
`actions.run_dunning`; `check` decides again, from the latest money, when a message is about to leave.
"""

from encours.core.dunning.checking import Checked, Draft, check
from encours.core.dunning.planning import Plan, plan
from encours.core.dunning.policy import DEFAULT_POLICY, FORMAL_NOTICE, Policy, Step, step_code
from encours.core.dunning.reasons import action_sentence, held_sentence
from encours.core.dunning.situation import Situation

__all__ = [
    "DEFAULT_POLICY",
    "FORMAL_NOTICE",
    "Checked",
    "Draft",
    "Plan",
    "Policy",
    "Situation",
    "Step",
    "action_sentence",
    "check",
    "held_sentence",
    "plan",
    "step_code",
]
