"""What a change of dunning policies would do to the weeks ahead: asked for by a person, looked at, carried out or given up.

Both are lived through in advance, assumed that nobody pays: the plan of one day alone would say nothing once that day is
planned. A small company's weeks are compared at once, a large one's by a job. Nothing but the preview itself is written.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models.functions import Now

from encours.actions.assign_policy import assign_policy
from encours.actions.defer_job import defer
from encours.actions.made_by_job import failed_if_it_breaks
from encours.actions.save_policy import UnableToSavePolicy, save_policy
from encours.actions.simulate_dunning import Foretold, simulate_dunning
from encours.actions.switch_off_policy import IS_DEFAULT, switch_off_policy
from encours.core.dunning import Policy as PolicyValue
from encours.core.dunning.comparison import CHANGES, compare_ahead
from encours.core.wording import Sentence, Wording
from encours.ports.policy_files import read_policy_file, write_policy_file
from encours.queries.journal import head_of_chain
from encours.queries.policies import active_policy, policy_value
from encours.queries.policy_choices import reach
from encours.queries.policy_versions import last_version
from encours.store.frames import staged
from encours.store.models import (
    Company,
    Policy,
    PolicyAssignment,
    PolicyPreview,
    PolicyPreviewLine,
    Receivable,
)

# Long enough for what the next step of most receivables is; later ones are what simulations are for.
DAYS_AHEAD = 30
# Up to so many open receivables the weeks are compared while the person waits (a second or so).
AT_ONCE = 2_000
GONE = Wording(
    "policy.preview_gone",
    fr="Cette comparaison n’existe plus : elle a été enregistrée, abandonnée ou remplacée",
    en="This comparison is no longer there: it was saved, given up or replaced",
)
NOTHING_CHANGED = Wording(
    "policy.nothing_changed",
    fr="Ce scénario est déjà en vigueur tel quel : il n’y a rien à comparer",
    en="This policy is in force as it is: there is nothing to compare",
)
_LINES = """
INSERT INTO store_policypreviewline (company_id, preview_id, customer_id, change, currency, before, after, reason, created_at)
SELECT %s, %s, customer_id, change, currency, before::jsonb, after::jsonb, NULL, now()
FROM {staged} ORDER BY position
"""


class UnableToPreviewPolicy(Exception):
    """Nothing was asked for; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


class PreviewGone(Exception):
    """Its person asked for another one meanwhile, or gave it up."""


@dataclass(frozen=True)
class PolicyChange:
    """What somebody wants (`PolicyPreview.Kind`). Of a version `policy` is all of it, and `base_version` the one it was
    begun from (0: none; None: the last one there is now)."""

    kind: str
    slug: str = ""
    segment: str = ""
    policy: PolicyValue | None = None
    base_version: int | None = None


@transaction.atomic
def ask_for_policy_preview(*, company: Company, change: PolicyChange, on: date, actor: str) -> PolicyPreview:
    """The preview, made already when the company is small. It takes the place of the person's one before for the same
    policy or segment. Raises `UnableToPreviewPolicy`.
    """
    slug = change.policy.slug if change.policy else change.slug
    _refuse_what_changes_nothing(company, change)
    own = PolicyPreview.objects.filter(company=company, asked_by=actor, segment=change.segment)
    (own if change.segment else own.filter(slug=slug)).delete()
    preview = PolicyPreview.objects.create(
        company=company,
        kind=change.kind,
        slug=slug,
        segment=change.segment,
        document=write_policy_file(change.policy) if change.policy else "",
        base_version=last_version(company=company, slug=slug)
        if change.base_version is None
        else change.base_version,
        asked_by=actor,
        on_date=on,
    )
    open_receivables = Receivable.objects.filter(company_id=company.pk, open_cents__gt=0)
    if len(open_receivables.values_list("document_id")[: AT_ONCE + 1]) <= AT_ONCE:
        make_policy_preview(company=company, preview_id=preview.pk)
        preview.refresh_from_db()
    else:
        defer("preview_policy_change", company_id=company.pk, preview_id=preview.pk)
    return preview


def _refuse_what_changes_nothing(company: Company, change: PolicyChange) -> None:
    if change.kind == PolicyPreview.Kind.OFF:
        default = Policy.objects.filter(company=company, is_default=True, slug=change.slug)
        if default.exists():
            raise UnableToPreviewPolicy(IS_DEFAULT(slug=change.slug))
    if change.kind != PolicyPreview.Kind.VERSION or change.policy is None:
        return
    in_force = active_policy(company=company, slug=change.policy.slug)
    if in_force is not None and policy_value(company=company, policy=in_force) == change.policy:
        raise UnableToPreviewPolicy(NOTHING_CHANGED())


def discard_policy_preview(*, company: Company, preview_id: int) -> bool:
    """Whether there was one."""
    return PolicyPreview.objects.filter(company=company, pk=preview_id).delete()[0] > 0


@transaction.atomic
def apply_policy_preview(*, company: Company, preview_id: int, actor: str) -> PolicyPreview:
    """Carries out what was looked at, and takes the preview away.

    Raises `UnableToPreviewPolicy` when it is no longer there, `UnableToSavePolicy` when another version was saved
    meanwhile, `UnableToSwitchOffPolicy`, `UnableToAssignPolicy`.
    """
    preview = (
        PolicyPreview.objects.select_for_update()
        .filter(company=company, pk=preview_id, state=PolicyPreview.State.DONE)
        .first()
    )
    if preview is None:
        raise UnableToPreviewPolicy(GONE())
    kinds = PolicyPreview.Kind
    if preview.kind == kinds.VERSION:
        policy = wanted_policy(preview)
        save_policy(company=company, policy=policy, base_version=preview.base_version, actor=actor)
    elif preview.kind == kinds.DEFAULT:
        in_force = active_policy(company=company, slug=preview.slug)
        if in_force is None:
            raise UnableToPreviewPolicy(GONE())
        policy = policy_value(company=company, policy=in_force)
        save_policy(company=company, policy=policy, is_default=True, actor=actor)
    elif preview.kind == kinds.OFF:
        switch_off_policy(company=company, slug=preview.slug, actor=actor)
    else:
        assign_policy(company=company, slug=preview.slug, segment=preview.segment, actor=actor)
    preview.delete()
    return preview


def wanted_policy(preview: PolicyPreview) -> PolicyValue:
    """The policy of a preview of a version. Raises `UnableToSavePolicy` when its document is no longer admitted."""
    policy, problems = read_policy_file(preview.document.encode(), name=preview.slug)
    if policy is None:  # a channel or a template went with an update since
        raise UnableToSavePolicy(problems[0].sentence)
    return policy


def make_policy_preview(*, company: Company, preview_id: int) -> bool:
    """Lives through the weeks as they are and as they would be, and keeps what differs; False when it is no longer wanted.

    May run again: what an earlier attempt left is replaced. An error leaves the preview "failed" and is raised.
    """
    preview = PolicyPreview.objects.filter(company=company, pk=preview_id).first()
    if preview is None or preview.state == PolicyPreview.State.DONE:
        return False
    try:
        with failed_if_it_breaks(preview):
            _set(preview, state=PolicyPreview.State.RUNNING, journal_sequence=head_of_chain(company=company)[0],
                 done_units=0, total_units=2 * DAYS_AHEAD)  # fmt: skip
            _make(company, preview)
    except PreviewGone:
        return False
    return True


def _make(company: Company, preview: PolicyPreview) -> None:
    def ahead(policy: PolicyValue | None, done_before: int) -> Foretold:
        return simulate_dunning(
            company=company,
            on=preview.on_date,
            days=DAYS_AHEAD,
            policy=policy,
            progress=lambda done, _days: _set(preview, done_units=done_before + done),
        )

    before = ahead(None, 0)
    current_counts = _counts(company, preview, before)
    _set(preview, done_units=DAYS_AHEAD)
    with _as_if(company, preview):
        after = ahead(_policy_tried(company, preview), DAYS_AHEAD)
        wanted_counts = _counts(company, preview, after)
    changes = compare_ahead(before=before.messages, after=after.messages)
    with transaction.atomic():
        _set(
            preview,
            state=PolicyPreview.State.DONE,
            done_units=2 * DAYS_AHEAD,
            finished_at=Now(),
            current_counts=current_counts,
            wanted_counts=wanted_counts,
            change_counts=_change_counts(changes),
        )
        PolicyPreviewLine.objects.filter(company=company, preview=preview).delete()
        with staged(_lines(changes)) as table, connection.cursor() as cursor:
            cursor.execute(_LINES.format(staged=table), [company.pk, preview.pk])


def _policy_tried(company: Company, preview: PolicyPreview) -> PolicyValue | None:
    """The wanted version where an earlier one applies to somebody; a policy that is new applies to nobody yet."""
    in_force = active_policy(company=company, slug=preview.slug)
    if preview.kind != PolicyPreview.Kind.VERSION or in_force is None:
        return None
    wanted = wanted_policy(preview)
    return None if policy_value(company=company, policy=in_force) == wanted else wanted


@contextmanager
def _as_if(company: Company, preview: PolicyPreview) -> Iterator[None]:
    """The choices of policies as they would be, rolled back at the end.

    Only rows of policies and of choices are touched, and nothing is journaled: whoever plans, imports or sends
    meanwhile waits for nothing; only another change of policies does.
    """
    versions = Policy.objects.filter(company=company, slug=preview.slug)
    with transaction.atomic():
        if preview.kind == PolicyPreview.Kind.OFF:
            versions.update(is_active=False)
        elif preview.kind == PolicyPreview.Kind.DEFAULT:
            Policy.objects.filter(company=company, is_default=True).update(is_default=False)
            versions.filter(is_active=True).update(is_default=True)
        elif preview.kind == PolicyPreview.Kind.SEGMENT:
            PolicyAssignment.objects.filter(company=company, segment=preview.segment).delete()
            if chosen := versions.filter(is_active=True).first():
                PolicyAssignment.objects.create(company=company, policy=chosen, segment=preview.segment)
        elif not versions.filter(is_active=True).exists():
            # a new version of what was switched off is in force again
            last = versions.order_by("-version").values_list("pk", flat=True)[:1]
            versions.filter(pk__in=list(last)).update(is_active=True)
        yield
        transaction.set_rollback(True)


def _counts(company: Company, preview: PolicyPreview, told: Foretold) -> dict[str, Any]:
    """As `PolicyPreview.current_counts` keeps them. Customers are those the policy of the preview applies to; a receivable
    that several messages ask for counts once, with the most that is asked for."""
    in_force = active_policy(company=company, slug=preview.slug) if preview.slug else None
    found = reach(company=company).get(in_force.pk) if in_force else None
    receivables = (
        told.lines.join(told.messages.select("message", "currency"), on="message")
        .group_by("document_id", "position", "currency")
        .agg(pl.col("amount_cents").max())
    )
    by_currency = receivables.group_by("currency").agg(pl.col("amount_cents").sum()).sort("currency")
    return {
        "messages": len(told.messages),
        "receivables": len(receivables),
        "customers": found.customers if found else 0,
        "debtors": found.debtors if found else 0,
        "cents": dict(by_currency.iter_rows()),
    }


def _change_counts(changes: pl.DataFrame) -> dict[str, int]:
    counted = Counter(changes["change"].to_list())
    return {change: counted[change] for change in CHANGES}


def _lines(changes: pl.DataFrame) -> pl.DataFrame:
    """Rows to store, within a kind of change those about most money first."""
    rows = sorted(changes.iter_rows(named=True), key=_weight)
    return pl.DataFrame(
        [
            {
                "position": position,
                "customer_id": row["customer_id"],
                "change": row["change"],
                "currency": row["currency"],
                "before": _side(row, ""),
                "after": _side(row, "new_"),
            }
            for position, row in enumerate(rows)
        ],
        schema={
            "position": pl.Int64, "customer_id": pl.Int64, "change": pl.String, "currency": pl.String,
            "before": pl.String, "after": pl.String,
        },
    )  # fmt: skip


def _weight(row: dict[str, Any]) -> tuple[int, int, int]:
    return (
        CHANGES.index(row["change"]),
        -max(row["amount_cents"] or 0, row["new_amount_cents"] or 0),
        row["customer_id"],
    )


def _side(row: dict[str, Any], prefix: str) -> str | None:
    """As `PolicyPreviewLine` keeps it; None where nothing goes out."""
    if row[f"{prefix}step_code"] is None:
        return None
    names = ("step_code", "channel", "amount_cents", "document_count")
    told = {name: row[prefix + name] for name in names}
    return json.dumps(told | {"planned_date": row[f"{prefix}planned_date"].isoformat()})


def _set(preview: PolicyPreview, **values: Any) -> None:
    """Raises `PreviewGone`."""
    if not PolicyPreview.objects.filter(company_id=preview.company_id, pk=preview.pk).update(**values):
        raise PreviewGone
