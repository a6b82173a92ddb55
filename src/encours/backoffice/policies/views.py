"""Scénarios: the dunning policies of the company, whom each applies to, what each does when, and how they became so."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from encours.backoffice.journal.wording import ACTOR_NAMES
from encours.backoffice.permissions import Role, needs
from encours.backoffice.policies.picture import picture
from encours.backoffice.policies.wording import LETTER_NAMES, NAMES, told
from encours.core.dunning.changes import differences
from encours.ports.policy_files import ready_policies, write_policy_file
from encours.queries.policies import active_policy, policy_row, policy_rows, policy_value, switched_off_rows
from encours.queries.policy_choices import reach
from encours.queries.policy_previews import waiting_changes
from encours.queries.policy_versions import policy_versions, version_of_id


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    reached = reach(company=company)
    return render(
        request,
        "policies/list.html",
        {
            "rows": [
                (row, reached.get(row.id), picture(row.policy.timeline, LETTER_NAMES))
                for row in policy_rows(company=company)
            ],
            "off": switched_off_rows(company=company),
            "waiting": waiting_changes(company=company),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def show(request: Any, policy_id: int) -> HttpResponse:
    """One version: the one in force, or an earlier one."""
    company = request.company
    version = version_of_id(company=company, policy_id=policy_id)
    if version is None:
        raise Http404
    versions = policy_versions(company=company, slug=version.slug)
    current = active_policy(company=company, slug=version.slug)
    policy = next(each.policy for each in versions if each.id == version.pk)
    before = [*versions[1:], None]
    return render(
        request,
        "policies/show.html",
        {
            "version": version,
            "policy": policy,
            "picture": picture(policy.timeline, LETTER_NAMES),
            "current": current,
            "latest": versions[0],
            "row": policy_row(company=company, policy_id=versions[0].id),
            "reach": reach(company=company).get(current.pk) if current else None,
            "versions": [
                (each, _told(company, older.policy, each.policy) if older else ())
                for each, older in zip(versions, before, strict=True)
            ],
            "against_current": _told(company, policy, policy_value(company=company, policy=current))
            if current and current.pk != version.pk
            else (),
            "waiting": waiting_changes(company=company, slug=version.slug),
            "actor_names": ACTOR_NAMES,
            **NAMES,
        },
    )


def _told(company: Any, before: Any, after: Any) -> list[Any]:
    return [told(each, currency=company.currency) for each in differences(before=before, after=after)]


@needs(Role.VIEWER)
def export(request: Any, policy_id: int) -> HttpResponse:
    """The version as a YAML document."""
    version = version_of_id(company=request.company, policy_id=policy_id)
    if version is None:
        raise Http404
    text = write_policy_file(policy_value(company=request.company, policy=version))
    name = f"{version.slug}-v{version.version}.yaml"
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@needs(Role.ADMIN)
def start(request: Any) -> HttpResponse:
    """What a new policy may begin from."""
    return render(
        request,
        "policies/start.html",
        {
            "ready": [
                (policy, picture(policy.timeline, LETTER_NAMES)) for policy in ready_policies().values()
            ],
            **NAMES,
        },
    )
