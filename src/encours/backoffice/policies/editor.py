"""The editor of a policy: fields or YAML, checked while one types, compared with what is in force before it takes effect.

Everything is a form: buttons post it, and the page that comes back holds all that was written. htmx asks for parts of
the same page: `#live` while one types, `#editor` after a button.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from encours.actions.preview_policy_change import (
    PolicyChange,
    UnableToPreviewPolicy,
    ask_for_policy_preview,
)
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.permissions import Role, needs
from encours.backoffice.policies.buttons import changed, reshaped
from encours.backoffice.policies.draft import PolicyDraft, from_form, from_policy
from encours.backoffice.policies.editor_fields import editor_context
from encours.backoffice.policies.reading import ReadDraft, document_of, read_draft
from encours.core.dunning.policy import CHANNELS, Policy
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.ports.policy_files import (
    MAX_BYTES,
    read_policy_file,
    ready_policies,
    write_policy_file,
    write_tree,
)
from encours.queries.policies import policy_value
from encours.queries.policy_previews import policy_preview
from encours.queries.policy_versions import last_version, version_of_id

NEW = PolicyDraft()
NEW_TEXT_NAME = _("document")


@dataclass(frozen=True)
class Editing:
    """What the editor shows. `text` is the YAML where one edits as text, None where one edits by fields; `slug` is the
    policy's for good, "" for a new one; `base_version` the last one when the work began."""

    draft: PolicyDraft
    base_version: int
    slug: str = ""
    text: str | None = None
    refused: Sentence | None = None


@needs(Role.ADMIN)
def edit(request: Any, policy_id: int | None = None) -> HttpResponse:
    """A new policy, or the next version of one from any version of it."""
    version = version_of_id(company=request.company, policy_id=policy_id) if policy_id else None
    if policy_id and version is None:
        raise Http404
    slug = version.slug if version else ""
    if request.method == "POST":
        return _posted(request, slug)
    if version:
        policy = policy_value(company=request.company, policy=version)
        return _shown(
            request, Editing(from_policy(policy), last_version(company=request.company, slug=slug), slug)
        )
    ready = ready_policies().get(request.GET.get("modele", ""))
    return _shown(request, Editing(from_policy(ready) if ready else changed(NEW, "add-step"), 0))


@needs(Role.ADMIN)
def edit_again(request: Any, preview_id: int) -> HttpResponse:
    """A change that waits for a decision, taken up again."""
    preview = policy_preview(company=request.company, preview_id=preview_id)
    if preview is None or not preview.document:
        raise Http404
    slug = preview.slug if preview.base_version else ""
    if request.method == "POST":
        return _posted(request, slug)
    policy, _problems = read_policy_file(preview.document.encode(), name=preview.slug)
    text = None if policy else preview.document
    return _shown(request, Editing(from_policy(policy) if policy else NEW, preview.base_version, slug, text))


def _posted(request: Any, slug: str) -> HttpResponse:
    do = request.POST.get("do", "")
    told = request.POST.get("base_version", "")
    base_version = int(told) if told.isdecimal() and len(told) < 7 and slug else 0
    editing = _editing(request, slug, base_version)
    if editing.text is not None and do == "fields":
        policy, _problems = _read_text(editing)
        if policy is not None:
            editing = replace(editing, draft=from_policy(policy), text=None)
    elif editing.text is None and do == "yaml":
        editing = replace(editing, text=write_tree(document_of(_with_slug(editing))))
    elif editing.text is None:
        draft = reshaped(editing.draft) if do == "reshape" else changed(editing.draft, do)
        editing = replace(editing, draft=draft)
    if do == "preview":
        return _asked(request, editing)
    return _shown(request, editing)


def _editing(request: Any, slug: str, base_version: int) -> Editing:
    if "text" not in request.POST and "file" not in request.FILES:
        return Editing(from_form(request.POST), base_version, slug)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if "file" in request.FILES:
        text = request.FILES["file"].read(MAX_BYTES + 1).decode("utf-8-sig", errors="replace")
    return Editing(NEW, base_version, slug, text)


def _asked(request: Any, editing: Editing) -> HttpResponse:
    """To the comparison, or back with what is wrong."""
    policy = _read_text(editing)[0] if editing.text is not None else _read(editing).policy
    if policy is None or _is_taken(request, editing, policy):
        return _shown(request, editing)
    try:
        preview = ask_for_policy_preview(
            company=request.company,
            change=PolicyChange("version", policy=policy, base_version=editing.base_version),
            on=today(request.company),
            actor=actor_of(request),
        )
    except UnableToPreviewPolicy as error:
        return _shown(request, replace(editing, refused=error.sentence))
    return _go(request, reverse("policies:preview", args=[preview.pk]))


def _go(request: Any, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _with_slug(editing: Editing) -> PolicyDraft:
    return replace(editing.draft, slug=editing.slug) if editing.slug else editing.draft


def _read(editing: Editing) -> ReadDraft:
    return read_draft(_with_slug(editing), sent_channels=CHANNELS)


def _read_text(editing: Editing) -> tuple[Policy | None, tuple[Problem, ...]]:
    return read_policy_file((editing.text or "").encode(), name="")


def _is_taken(request: Any, editing: Editing, policy: Policy | None) -> bool:
    """Whether the name says another policy than the one that is edited."""
    if policy is None:
        return False
    if editing.slug:
        return policy.slug != editing.slug
    return last_version(company=request.company, slug=policy.slug) > 0


def _shown(request: Any, editing: Editing) -> HttpResponse:
    target = request.htmx.target if request.htmx else ""
    template = {"live": "policies/live.html", "editor": "policies/editor_form.html"}.get(
        target, "policies/edit.html"
    )
    if editing.text is None:
        read = _read(editing)
        policy, problems = read.policy, read.problems
    else:
        read = None
        policy, problems = _read_text(editing)
    newest = last_version(company=request.company, slug=editing.slug) if editing.slug else 0
    return render(
        request,
        template,
        editor_context(
            company=request.company,
            editing=editing,
            read=read,
            policy=policy,
            problems=problems,
            is_live=target == "live",
        )
        | {
            "is_taken": _is_taken(request, editing, policy),
            "newer_version": newest if newest != editing.base_version else 0,
            "document": write_policy_file(policy) if policy and editing.text is None else "",
        },
    )
