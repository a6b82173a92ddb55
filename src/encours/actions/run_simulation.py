"""A simulation or a replay somebody asked for on a page: made by a job, kept until the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models.functions import Now

from encours.actions.defer_job import defer
from encours.actions.made_by_job import failed_if_it_breaks
from encours.actions.replay_dunning import MAX_DAYS as MOST_REPLAYED
from encours.actions.replay_dunning import replay_dunning
from encours.actions.simulate_dunning import MAX_DAYS, simulate_dunning
from encours.core.dunning import Policy
from encours.core.dunning.outlook import differences, pictured
from encours.core.wording import Sentence, Wording
from encours.ports.policy_files import read_policy_file, ready_policies
from encours.queries.policies import active_policy_values
from encours.queries.simulations import wanted_versions
from encours.store.frames import staged
from encours.store.models import Company, SimulatedMessage, Simulation

BAD_DAYS = Wording(
    "simulation.bad_days",
    fr="Le premier jour doit précéder le dernier, d’au plus {days} jours",
    en="The first day must come before the last, by at most {days} days",
)
NO_SUCH_POLICY = Wording(
    "simulation.no_such_policy",
    fr="Ce scénario n’existe plus : choisissez-en un autre",
    en="This policy is gone: choose another one",
)
_MESSAGES = """
INSERT INTO store_simulatedmessage (company_id, simulation_id, customer_id, side, sent_date, channel, template, step_code,
                                    currency, amount_cents, cost_cents, document_ids, by_itself_count, by_itself_days,
                                    created_at)
SELECT %s, %s, customer_id, side, sent_date, channel, template, step_code, currency, amount_cents, cost_cents,
       string_to_array(document_ids, ',')::bigint[], by_itself_count, by_itself_days, now()
FROM {staged} ORDER BY side, sent_date, message
"""


class UnableToSimulate(Exception):
    """Nothing was asked for; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


class SimulationGone(Exception):
    """Somebody asked for another one meanwhile."""


@dataclass(frozen=True)
class Choice:
    """A policy that can be tried: `key` names it in a request."""

    key: str
    policy: Policy
    kind: str  # in_force, wanted (a change that waits), ready


def choices(*, company: Company) -> list[Choice]:
    """What there is to try: policies in force, changes that wait for a decision, ready-made ones."""
    active = sorted(active_policy_values(company=company).values(), key=lambda each: each.name)
    found = [Choice(each.slug, each, "in_force") for each in active]
    for preview_id, document in wanted_versions(company=company):
        policy, _ = read_policy_file(document.encode(), name="")
        if policy is not None:
            found.append(Choice(f"change:{preview_id}", policy, "wanted"))
    known = {each.slug for each in active}
    ready = (each for each in ready_policies().values() if each.slug not in known)
    return found + [Choice(f"ready:{each.slug}", each, "ready") for each in ready]


@transaction.atomic
def ask_for_simulation(
    *,
    company: Company,
    kind: str,
    from_date: date,
    until_date: date,
    policy: str = "",
    against: str = "",
    options: Mapping[str, Any] | None = None,
    actor: str,
) -> Simulation:
    """`policy` and `against` are keys of `choices`, "" for those in force; no `against` (None in `options`) compares nothing.

    It takes the place of the one before of its kind. Raises `UnableToSimulate`.
    """
    most = MAX_DAYS if kind == Simulation.Kind.SIMULATION else MOST_REPLAYED
    if not 0 <= (until_date - from_date).days < most:
        raise UnableToSimulate(BAD_DAYS(days=most))
    known = {each.key: each.policy for each in choices(company=company)}
    asked = {"policy": policy, "against": against, **(options or {})}
    if any(key not in known for key in (policy, against) if key):
        raise UnableToSimulate(NO_SUCH_POLICY())
    Company.objects.select_for_update().get(pk=company.pk)
    Simulation.objects.filter(company=company, kind=kind).delete()
    simulation = Simulation.objects.create(
        company=company, kind=kind, from_date=from_date, until_date=until_date, options=asked, asked_by=actor
    )
    defer("run_simulation", company_id=company.pk, beside="simulation", simulation_id=simulation.pk)
    return simulation


def make_simulation(*, company: Company, simulation_id: int) -> bool:
    """Lives through its days and keeps what goes out; False when it is no longer wanted.

    May run again: what an earlier attempt left is replaced. An error leaves it "failed" and is raised.
    """
    simulation = Simulation.objects.filter(company=company, pk=simulation_id).first()
    if simulation is None or simulation.state == Simulation.State.DONE:
        return False
    try:
        with failed_if_it_breaks(simulation):
            _set(simulation, state=Simulation.State.RUNNING)
            _make(company, simulation)
    except SimulationGone:
        return False
    return True


def _make(company: Company, simulation: Simulation) -> None:
    known = {each.key: each.policy for each in choices(company=company)}
    options = simulation.options
    wanted = [known.get(options["policy"])]
    if options.get("compares"):
        wanted.append(known.get(options["against"]))
    sides, frames = [], []
    for rank, policy in enumerate(wanted):
        messages, lines, more = _lived(company, simulation, policy, rank, len(wanted))
        # a policy that is changed keeps the name it had for this run
        sides.append({"policy": policy.name if policy else "", **pictured(messages), **more})
        frames.append((messages, lines))
    results: dict[str, Any] = {"sides": sides}
    if len(frames) == 2:
        results["differences"] = differences(frames[0][0], frames[1][0])
    with transaction.atomic():
        _set(simulation, state=Simulation.State.DONE, finished_at=Now(), results=results)
        SimulatedMessage.objects.filter(company=company, simulation=simulation).delete()
        for rank, (messages, lines) in enumerate(frames):
            _keep(company, simulation, rank, messages, lines)


def _lived(
    company: Company, simulation: Simulation, policy: Policy | None, rank: int, sides: int
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    def progress(done: int, total: int) -> None:
        if done % 5 == 0 or done == total:
            _set(simulation, done_units=rank * total + done, total_units=sides * total)

    days = (simulation.until_date - simulation.from_date).days + 1
    if simulation.kind == Simulation.Kind.REPLAY:
        replayed = replay_dunning(
            company=company,
            since=simulation.from_date,
            until=simulation.until_date,
            policy=policy,
            progress=progress,
        )
        return replayed.messages, replayed.lines, {"within": replayed.within}
    found = simulate_dunning(
        company=company,
        on=simulation.from_date,
        days=days,
        policy=policy,
        pays=simulation.options.get("pays", "nobody"),
        approval_days=simulation.options.get("approval_days", 1),
        progress=progress,
    )
    lived = found.simulation
    messages = found.messages.with_columns(
        by_itself_count=pl.lit(0, pl.Int64), by_itself_days=pl.lit(None, pl.Int64)
    )
    more = {"called_off": lived.called_off, "waiting": lived.waiting, "held_out": lived.held_out}
    return messages, found.lines, more


def _keep(
    company: Company, simulation: Simulation, rank: int, messages: pl.DataFrame, lines: pl.DataFrame
) -> None:
    documents = lines.group_by("message").agg(
        document_ids=pl.col("document_id").unique().sort().cast(pl.String).str.join(",")
    )
    rows = messages.join(documents, on="message").select(
        "message", "customer_id", "sent_date", "channel", "template", "step_code", "currency", "amount_cents",
        "cost_cents", "document_ids", "by_itself_count", "by_itself_days", side=pl.lit(rank, pl.Int64),
    )  # fmt: skip
    if len(rows):
        with staged(rows) as table, connection.cursor() as cursor:
            cursor.execute(_MESSAGES.format(staged=table), [company.pk, simulation.pk])


def _set(simulation: Simulation, **values: Any) -> None:
    """Raises `SimulationGone`."""
    if not Simulation.objects.filter(company=simulation.company, pk=simulation.pk).update(**values):
        raise SimulationGone
