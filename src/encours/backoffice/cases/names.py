"""What templates call reasons, outcomes and states: sentences, in the reader's language by `|sentence`."""

from encours.core.cases.disputes import OUTCOMES, REASONS
from encours.core.cases.plans import CONSEQUENCES
from encours.core.cases.plans import VERDICTS as PLAN_VERDICTS
from encours.core.cases.promises import VERDICTS as PROMISE_VERDICTS

NAMES = {
    "dispute_reasons": {code: wording() for code, wording in REASONS.items()},
    "dispute_outcomes": {code: wording() for code, wording in OUTCOMES.items()},
    "promise_states": {code: wording() for code, wording in PROMISE_VERDICTS.items()},
    "plan_states": {code: wording() for code, wording in PLAN_VERDICTS.items()},
    "plan_consequences": {code: wording() for code, wording in CONSEQUENCES.items()},
}
