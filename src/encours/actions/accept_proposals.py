"""A person says yes to every proposal above a score, as many as were counted: asked for whole, done a part at a time."""

from datetime import datetime

from django.db import transaction

from encours.actions.confirm_matches import confirm_matches
from encours.actions.defer_job import defer
from encours.queries.bank_lines import LineFilter
from encours.queries.proposals import likeliest_proposals
from encours.store.models import BulkAcceptance, Company

# proposals of one transaction; what is not more is done while the person waits
PART = 100


@transaction.atomic
def accept_proposals(
    *, company: Company, wanted: LineFilter, min_percent: int, last_match_id: int, actor: str, now: datetime
) -> int:
    """Id of the acceptance: the likeliest proposal of each line the filter shows, from a score on, and no proposal made
    after `last_match_id`, the last one the person had been told of. The same again while it runs is the same.
    """
    proposals = likeliest_proposals(
        company=company, wanted=wanted, min_percent=min_percent, last_match_id=last_match_id
    )
    match_ids = [proposal.match_id for proposal in proposals]
    running = BulkAcceptance.objects.filter(
        company=company,
        finished_at=None,
        min_percent=min_percent,
        asked_by=actor,
        match_ids__contains=match_ids,
    )
    if match_ids and (known := running.first()) is not None:
        return known.pk
    acceptance = BulkAcceptance.objects.create(
        company=company,
        min_percent=min_percent,
        match_ids=match_ids,
        line_ids=[proposal.line_id for proposal in proposals],
        asked_by=actor,
        finished_at=None if match_ids else now,
    )
    if len(match_ids) <= PART:
        accept_part(company=company, acceptance_id=acceptance.pk, now=now)
    else:
        defer("accept_proposals", company_id=company.pk, acceptance_id=acceptance.pk)
    return acceptance.pk


@transaction.atomic
def accept_part(*, company: Company, acceptance_id: int, now: datetime) -> bool:
    """Accepts the next proposals of it; whether there are more. One that was stopped goes on where it was."""
    acceptance = BulkAcceptance.objects.select_for_update().get(company=company, pk=acceptance_id)
    if acceptance.finished_at is not None:
        return False
    start = acceptance.done_count
    part = acceptance.match_ids[start : start + PART]
    line_of = dict(zip(part, acceptance.line_ids[start : start + PART], strict=True))
    confirmed = confirm_matches(company=company, match_ids=part, actor=acceptance.asked_by)
    acceptance.done_count += len(part)
    acceptance.accepted_count += confirmed.count
    acceptance.already_count += confirmed.already_count
    acceptance.refused += [
        {"line_id": line_of[refused.match_id], "sentence": refused.sentence.as_json()}
        for refused in confirmed.refused
    ]
    if acceptance.done_count >= len(acceptance.match_ids):
        acceptance.finished_at = now
    acceptance.save(update_fields=["done_count", "accepted_count", "already_count", "refused", "finished_at"])
    return acceptance.finished_at is None
