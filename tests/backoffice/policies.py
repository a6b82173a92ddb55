"""A policy with something of everything, and a change of it that waits for a decision."""

from dataclasses import replace
from datetime import date
from unittest.mock import patch

from encours.actions import preview_policy_change
from encours.actions.assign_policy import assign_policy
from encours.actions.preview_policy_change import PolicyChange, ask_for_policy_preview
from encours.actions.save_policy import save_policy
from encours.core.dunning.conditions import Any, Comparison
from encours.core.dunning.policy import Window
from encours.ports.policy_files import ready_policies
from encours.store.models import Company, Customer, Policy, PolicyPreview


def policy_with_everything(company: Company, on: date) -> tuple[Policy, PolicyPreview]:
    """The ready-made policy for distribution with a window, in its second version, chosen for a segment; a third is wanted."""
    ready = ready_policies()["distribution"]
    first, *others = ready.steps
    condition = Any((Comparison("segment", "in", ("Lumen", "PME")), Comparison("amount", "at_least", 50_000)))
    window = Window(("monday",), "09:00", "12:00")
    busy = replace(first, channels=("email", "letter"), window=window, condition=condition)
    named = replace(ready, name="Distribution de Lumen", steps=(busy, *others))
    save_policy(company=company, policy=ready, actor="test")
    saved, _ = save_policy(company=company, policy=named, actor="test")
    Customer.objects.filter(company=company).update(segment="Lumen")
    assign_policy(company=company, slug=saved.slug, segment="Lumen", actor="test")
    change = PolicyChange("version", policy=replace(named, min_gap_days=9))
    with patch.object(
        preview_policy_change, "DAYS_AHEAD", 3
    ):  # a month for every page looked at would be long
        return saved, ask_for_policy_preview(company=company, change=change, on=on, actor="test")
