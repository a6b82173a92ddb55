"""What keeps an invoice from being reminded because somebody spoke about it: a dispute, a promise to pay, a payment plan.

Each holds exactly what it concerns (`core.dunning.assessing`), and what became of a promise or a plan follows from the
money: `judge_promises` and `judge_plan` are pure, the same facts in any order give the same verdict.
"""
