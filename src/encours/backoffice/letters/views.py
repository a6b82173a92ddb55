"""Lettres: the library, and one letter at a time with what a customer would read."""

from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from encours.actions.preview_letter import LetterPreview, preview_letter, preview_letter_pdf
from encours.actions.render_letter import render_letter
from encours.actions.save_letter import UnableToSaveLetter, reset_letter, save_letter
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import row_id
from encours.backoffice.permissions import Role, may, needs
from encours.core.letter_templates import LETTERS, TEMPLATE_NAMES, TONE_NAMES, VARIABLES
from encours.core.letter_templates.library import BLOCK_NAMES, MENTIONS
from encours.core.problems import Problem
from encours.queries.letter_samples import sample_customers
from encours.queries.letter_texts import LetterRow, letter_row, letter_versions, library
from encours.queries.plan_letters import plan_letter

# as the customer's mail program shows it: in a frame that can do nothing
_FRAME_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups"],
}
LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    """The letters, each with its tones and languages."""
    rows = library(company=request.company)
    letters = [
        (TEMPLATE_NAMES[template]().say(language_of_reader()), _tone(tone, template), list(found))
        for (template, tone), found in groupby(rows, key=lambda row: (row.template, row.tone))
    ]
    return render(request, "letters/list.html", {"letters": letters, "languages": LANGUAGE_NAMES})


@needs(Role.VIEWER)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def edit(request: Any, template: str, tone: str, language: str) -> HttpResponse:
    """The text with what a customer would read; an administrator may save it as the company's own."""
    row = _row(request, template, tone, language)
    if request.method != "POST":
        return _page(request, row, row.text, (), row.own.version if row.own else 0)
    if not may(request.role)["admin"]:
        return render(request, "errors/403.html", status=403)
    text, base_version = request.POST.get("text", ""), row_id(request.POST.get("base_version", "")) or 0
    if "look" in request.POST:
        return _page(request, row, text, (), base_version)
    try:
        saved, is_new = save_letter(
            company=request.company, template=template, tone=tone, language=language, text=text,
            actor=actor_of(request), base_version=base_version,
        )  # fmt: skip
    except UnableToSaveLetter as error:
        return _page(request, row, text, error.problems, base_version)
    if not is_new:
        messages.info(request, _("Nothing changed."))
    elif saved is None:
        messages.success(request, _("The standard letter is in force again."))
    else:
        messages.success(
            request,
            _("Saved as version %(version)s. Messages that left keep theirs.") % {"version": saved.version},
        )
    return HttpResponseRedirect(_url("edit", row))


@needs(Role.VIEWER)
@xframe_options_sameorigin
@csp(_FRAME_POLICY)  # type: ignore[arg-type]
def preview(request: Any, template: str, tone: str, language: str) -> HttpResponse:
    """The e-mail alone, of the text in force or of the one sent along."""
    row = _row(request, template, tone, language)
    found = _preview(request, row, request.POST.get("text", row.text))
    if found.rendered is not None:
        return HttpResponse(found.rendered.html)
    said = [problem.sentence.say(language_of_reader()) for problem in found.problems] or [_nobody()]
    return HttpResponse(
        format_html(
            '<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
            '<body style="font-family:sans-serif;padding:2rem;color:#1f2a37"><p>{}</p></body></html>',
            language_of_reader(), _("Preview"), " · ".join(said),
        )
    )  # fmt: skip


@needs(Role.VIEWER)
def paper(request: Any, template: str, tone: str, language: str) -> HttpResponse:
    """The same on paper."""
    row = _row(request, template, tone, language)
    content = preview_letter_pdf(preview=_preview(request, row, request.POST.get("text", row.text)))
    if content is None:
        messages.warning(request, _nobody())
        return HttpResponseRedirect(_url("edit", row))
    return _pdf(content, f"{template}-{tone}-{language}.pdf")


@needs(Role.VIEWER)
def plan_agreement(request: Any, plan_id: int) -> HttpResponse:
    """A payment plan in writing, to be signed by both."""
    letter = plan_letter(company=request.company, plan_id=plan_id)
    if letter is None:
        raise Http404
    return _pdf(render_letter(letter=letter), f"{letter.reference}.pdf")


@needs(Role.ADMIN)
@require_POST
def reset(request: Any, template: str, tone: str, language: str) -> HttpResponse:
    row = _row(request, template, tone, language)
    if reset_letter(
        company=request.company, template=template, tone=tone, language=language, actor=actor_of(request)
    ):
        messages.success(request, _("The standard letter is in force again."))
    return HttpResponseRedirect(_url("edit", row))


def _page(
    request: Any, row: LetterRow, text: str, problems: tuple[Problem, ...], base_version: int
) -> HttpResponse:
    found = _preview(request, row, text)
    language = language_of_reader()
    kind = LETTERS[row.template]
    return render(
        request,
        "letters/edit.html",
        {
            "row": row,
            "title": TEMPLATE_NAMES[row.template]().say(language),
            "subtitle": _title(row),
            "text": text,
            "base_version": base_version,
            "problems": [(each.line, each.sentence.say(language)) for each in problems or found.problems],
            "rendered": found.rendered,
            "letter": found.letter,
            "customers": sample_customers(company=request.company, on=today(request.company)),
            "customer_id": _customer_id(request) or (found.letter and _customer_id(request)),
            "words": [
                (f"{{{each.name}}}", each.told().say(language))
                for each in VARIABLES.values()
                if not each.is_flag
            ],
            "conditions": [
                (f"[if {each.name}]…[end]", each.told().say(language))
                for each in VARIABLES.values()
                if each.is_flag
            ],
            "blocks": [
                (f"[{name}]", told().say(language), name in kind.needed, name in MENTIONS)
                for name, told in BLOCK_NAMES.items()
            ],
            "changes": _changes(row.standard, text) if text.strip() != row.standard.strip() else [],
            "versions": letter_versions(
                company=request.company, template=row.template, tone=row.tone, language=row.language
            ),
        },
    )


def _preview(request: Any, row: LetterRow, text: str) -> LetterPreview:
    return preview_letter(
        company=request.company,
        template=row.template,
        tone=row.tone,
        language=row.language,
        text=text,
        customer_id=_customer_id(request),
        on=today(request.company),
    )


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """(`same`, `gone` or `new`, line) from the standard text to this one."""
    old, new = before.strip().splitlines(), after.replace("\r\n", "\n").strip().splitlines()
    found: list[tuple[str, str]] = []
    for tag, i, j, k, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [("same", line) for line in old[i:j]]
        else:
            found += [("gone", line) for line in old[i:j]] + [("new", line) for line in new[k:end]]
    return [(what, line) for what, line in found if line or what != "same"]


def _row(request: Any, template: str, tone: str, language: str) -> LetterRow:
    row = letter_row(company=request.company, template=template, tone=tone, language=language)
    if row is None:
        raise Http404
    return row


def _customer_id(request: Any) -> int | None:
    given = request.POST.get("customer") or request.GET.get("customer") or ""
    return row_id(given)


def _tone(tone: str, template: str) -> str:
    """Nothing for a letter that has but one."""
    return TONE_NAMES[tone]().say(language_of_reader()) if len(LETTERS[template].tones) > 1 else ""


def _title(row: LetterRow) -> str:
    return " · ".join(part for part in (_tone(row.tone, row.template), LANGUAGE_NAMES[row.language]) if part)


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _url(name: str, row: LetterRow) -> str:
    return reverse(f"letters:{name}", args=[row.template, row.tone, row.language])


def _nobody() -> str:
    return _("Nobody owes anything that fits this letter: nothing to show.")
