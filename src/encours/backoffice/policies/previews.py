"""Qui est concerné: what a change of policies would do to the day, looked at before it takes effect."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.assign_policy import UnableToAssignPolicy
from encours.actions.preview_policy_change import (
    PolicyChange,
    UnableToPreviewPolicy,
    apply_policy_preview,
    ask_for_policy_preview,
    discard_policy_preview,
)
from encours.actions.save_policy import UnableToSavePolicy
from encours.actions.switch_off_policy import UnableToSwitchOffPolicy
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.backoffice.policies.picture import picture
from encours.backoffice.policies.wording import CHANGE_NAMES, LETTER_NAMES, NAMES, told
from encours.core.dunning.changes import differences
from encours.core.dunning.comparison import CHANGES
from encours.core.dunning.policy import Policy
from encours.ports.policy_files import read_policy_file
from encours.queries.policies import active_policy, policy_value, policy_version
from encours.queries.policy_previews import PreviewDetail, changed_messages_page, policy_preview
from encours.queries.policy_versions import version_of_id

Unable = (UnableToSavePolicy, UnableToSwitchOffPolicy, UnableToAssignPolicy, UnableToPreviewPolicy)


@needs(Role.ADMIN)
@require_POST
def ask(request: Any, policy_id: int) -> HttpResponse:
    """What it would change to make this version current again, the company's, or to switch the policy off."""
    company = request.company
    version = version_of_id(company=company, policy_id=policy_id)
    if version is None:
        raise Http404
    kind = request.POST.get("kind", "")
    change = PolicyChange(kind, slug=version.slug)
    if kind == "version":
        change = PolicyChange(kind, policy=policy_value(company=company, policy=version))
    elif kind not in ("default", "off"):
        raise Http404
    return asked(request, change, back=reverse("policies:show", args=[policy_id]))


def asked(request: Any, change: PolicyChange, *, back: str) -> HttpResponse:
    """To the comparison, or `back` with the reason why there is none."""
    try:
        preview = ask_for_policy_preview(
            company=request.company, change=change, on=today(request.company), actor=actor_of(request)
        )
    except UnableToPreviewPolicy as error:
        messages.warning(request, error.sentence.say(language_of_reader()))
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(reverse("policies:preview", args=[preview.pk]))


@needs(Role.VIEWER)
def preview(request: Any, preview_id: int) -> HttpResponse:
    """As far as it is known; asks again until it is."""
    company = request.company
    found = policy_preview(company=company, preview_id=preview_id)
    if found is None:
        raise Http404
    change = request.GET.get("change", "")
    change = change if change in CHANGES else ""
    page = changed_messages_page(
        company=company, preview_id=preview_id, change=change, number=page_number(request), size=PAGE_SIZE
    )
    wanted = _wanted(found)
    current = active_policy(company=company, slug=found.slug)
    in_force = policy_value(company=company, policy=current) if current and wanted else None
    return render_list(
        request,
        "policies/preview.html",
        "policies/preview_outcome.html",
        {
            "preview": found,
            "wanted": wanted,
            "picture": picture(wanted.timeline, LETTER_NAMES) if wanted else None,
            "what_changes": _told(company, in_force, wanted),
            "theirs": _theirs(company, found) if found.newer_version else [],
            "page": page,
            "change": change,
            "changes": [(code, name, found.change_counts[code]) for code, name in CHANGE_NAMES.items()],
            "change_names": CHANGE_NAMES,
            **NAMES,
        },
    )


def _wanted(found: PreviewDetail) -> Policy | None:
    return read_policy_file(found.document.encode(), name="")[0] if found.document else None


def _theirs(company: Any, found: PreviewDetail) -> list[Any]:
    """What was changed by others since the work began."""
    versions = [
        policy_version(company=company, slug=found.slug, version=number)
        for number in (found.base_version, found.newer_version)
    ]
    before, after = (policy_value(company=company, policy=each) if each else None for each in versions)
    return _told(company, before, after)


def _told(company: Any, before: Policy | None, after: Policy | None) -> list[Any]:
    if before is None or after is None:
        return []
    return [told(each, currency=company.currency) for each in differences(before=before, after=after)]


@needs(Role.ADMIN)
@require_POST
def apply(request: Any, preview_id: int) -> HttpResponse:
    """Carries out what was looked at, and nothing else."""
    found = policy_preview(company=request.company, preview_id=preview_id)
    if found is None:
        raise Http404
    try:
        apply_policy_preview(company=request.company, preview_id=preview_id, actor=actor_of(request))
    except Unable as error:
        messages.warning(request, error.sentence.say(language_of_reader()))
        return HttpResponseRedirect(reverse("policies:preview", args=[preview_id]))
    if found.kind == "segment":
        messages.success(request, _("The policy of the segment is saved."))
        return HttpResponseRedirect(reverse("policies:segments"))
    saved = active_policy(company=request.company, slug=found.slug)
    if saved is None:
        messages.success(request, _("The policy is switched off. It stays here, with its versions."))
        return HttpResponseRedirect(reverse("policies:list"))
    if found.kind == "default":
        messages.success(request, _("This is the company's policy now."))
    else:
        messages.success(
            request, _("Version %(version)s is in force from the next plan on.") % {"version": saved.version}
        )
    return HttpResponseRedirect(reverse("policies:show", args=[saved.pk]))


@needs(Role.ADMIN)
@require_POST
def again(request: Any, preview_id: int) -> HttpResponse:
    """The same change once more, on the day and against the versions of now."""
    found = policy_preview(company=request.company, preview_id=preview_id)
    if found is None:
        raise Http404
    change = PolicyChange(found.kind, slug=found.slug, segment=found.segment, policy=_wanted(found))
    return asked(request, change, back=reverse("policies:preview", args=[preview_id]))


@needs(Role.ADMIN)
@require_POST
def discard(request: Any, preview_id: int) -> HttpResponse:
    if not discard_policy_preview(company=request.company, preview_id=preview_id):
        raise Http404
    messages.success(request, _("The change is given up; nothing was saved."))
    return HttpResponseRedirect(reverse("policies:list"))
