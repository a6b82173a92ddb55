"""Rapprochement: what matching may do by itself. Other rules are first tried on the lines that wait, then saved."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from encours.actions.preview_matching_rules import ask_for_preview, discard_preview
from encours.actions.update_matching_rules import UnableToUpdateMatchingRules, update_matching_rules
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list, row_id
from encours.backoffice.permissions import Role, may, needs
from encours.backoffice.settings.matching_forms import RulesForm
from encours.core.matching.comparison import CHANGES
from encours.core.matching.rules import RULE_NAMES, in_words, values_of
from encours.queries.rules_previews import changed_lines_page, rules_preview

OUTCOME_NAMES = {
    "automatic": gettext_lazy("Matched by themselves"),
    "proposed": gettext_lazy("Proposed to a person"),
    "none": gettext_lazy("Left unexplained"),
    "set_aside": gettext_lazy("Put aside"),
}
VERDICT_NAMES = {
    "automatic": gettext_lazy("matched"),
    "proposed": gettext_lazy("proposed"),
    "none": gettext_lazy("unexplained"),
    "set_aside": gettext_lazy("set aside"),
}
CHANGE_NAMES = {
    "matched_more": gettext_lazy("Newly matched by themselves"),
    "matched_less": gettext_lazy("No longer matched by themselves"),
    "proposed_more": gettext_lazy("Newly proposed"),
    "proposed_less": gettext_lazy("No longer proposed"),
    "otherwise": gettext_lazy("Answered otherwise"),
}


@needs(Role.VIEWER)
def matching(request: Any) -> HttpResponse:
    """Everybody may read the rules; an administrator may try others."""
    return _page(request, RulesForm(stored=request.company.matching_rules, language=language_of_reader()))


@needs(Role.ADMIN)
@require_POST
def try_rules(request: Any) -> HttpResponse:
    """Asks for a preview of what was filled in, or of the defaults."""
    form = RulesForm(request.POST, stored=request.company.matching_rules, language=language_of_reader())
    if "defaults" in request.POST:
        values: dict[str, Any] = dict.fromkeys(values_of({}))
        form = RulesForm(stored=request.company.matching_rules, language=language_of_reader())
    elif form.is_valid():
        values = form.values()
    else:
        return _page(request, form)
    try:
        with transaction.atomic():
            ask_for_preview(company=request.company, values=values, actor=actor_of(request))
    except UnableToUpdateMatchingRules as error:
        if not form.is_bound:
            messages.warning(request, error.problems[0].sentence.say(language_of_reader()))
            return HttpResponseRedirect(reverse("settings:matching"))
        for problem in error.problems:
            form.add_problem(problem.field, problem.sentence.say(language_of_reader()))
        return _page(request, form)
    return HttpResponseRedirect(reverse("settings:matching_preview"))


@needs(Role.VIEWER)
def matching_preview(request: Any) -> HttpResponse:
    """What the wanted rules would change, as far as it is known; asks again until it is."""
    preview = rules_preview(company=request.company)
    if preview is None:
        return render(request, "settings/no_matching_preview.html")
    change = request.GET.get("change", "")
    page = changed_lines_page(
        company=request.company,
        preview_id=preview.id,
        change=change if change in CHANGES else "",
        number=page_number(request),
        size=PAGE_SIZE,
    )
    language = language_of_reader()
    rules = [
        (RULE_NAMES[rule.name]().say(language), *(in_words(rule.name, each, language) for each in (rule.current, rule.wanted)))
        for rule in preview.rules
    ]  # fmt: skip
    return render_list(
        request,
        "settings/matching_preview.html",
        "settings/matching_outcome.html",
        {
            "preview": preview,
            "rules": rules,
            "page": page,
            "change": change,
            "changes": [
                (code, name, preview.change_counts.get(code, 0)) for code, name in CHANGE_NAMES.items()
            ],
            "outcome_names": OUTCOME_NAMES,
            "verdict_names": VERDICT_NAMES,
        },
    )


@needs(Role.ADMIN)
@require_POST
def save_rules(request: Any) -> HttpResponse:
    """Saves the rules of the preview that was looked at, and of no other."""
    preview = rules_preview(company=request.company)
    if preview is None or preview.id != row_id(request.POST.get("preview", "")):
        messages.warning(
            request,
            _("Somebody has asked for another comparison, or saved other rules, meanwhile: look again."),
        )
        return HttpResponseRedirect(reverse("settings:matching_preview" if preview else "settings:matching"))
    update_matching_rules(company=request.company, actor=actor_of(request), values=preview.wanted)
    messages.success(request, _("The rules are saved. They apply from the next run; what is matched stays."))
    return HttpResponseRedirect(reverse("settings:matching"))


@needs(Role.ADMIN)
@require_POST
def try_again(request: Any) -> HttpResponse:
    """The same rules once more, on the lines and against the rules of now."""
    preview = rules_preview(company=request.company)
    if preview is not None:
        try:
            ask_for_preview(company=request.company, values=preview.wanted, actor=actor_of(request))
        except UnableToUpdateMatchingRules as error:
            messages.warning(request, error.problems[0].sentence.say(language_of_reader()))
    return HttpResponseRedirect(reverse("settings:matching_preview" if preview else "settings:matching"))


@needs(Role.ADMIN)
@require_POST
def discard_rules(request: Any) -> HttpResponse:
    if discard_preview(company=request.company):
        messages.success(request, _("The rules stay as they are."))
    return HttpResponseRedirect(reverse("settings:matching"))


def _page(request: Any, form: RulesForm) -> HttpResponse:
    if not may(request.role)["admin"]:
        for field in form.fields.values():
            field.disabled = True
    return render(
        request, "settings/matching.html", {"form": form, "preview": rules_preview(company=request.company)}
    )
