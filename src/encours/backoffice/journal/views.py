"""Journal: everything that happened, chained."""

from typing import Any

from django.http import HttpResponse

from encours.backoffice.journal.details import details
from encours.backoffice.journal.wording import ACTION_NAMES, ACTOR_NAMES, SUBJECT_NAMES
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.queries.journal import head_of_chain, journal_page


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    action = request.GET.get("action", "")[:60]
    subject = request.GET.get("subject", "")[:30]
    page = journal_page(
        company=request.company, action=action, subject_type=subject, number=page_number(request), size=PAGE_SIZE
    )  # fmt: skip
    length, last_hash = head_of_chain(company=request.company)
    return render_list(
        request,
        "journal/list.html",
        "journal/results.html",
        {
            "page": page,
            "action": action,
            "subject": subject,
            "length": length,
            "last_hash": last_hash,
            "details": {
                entry.sequence: details(entry.data, currency=request.company.currency) for entry in page.rows
            },
            "all_intact": all(entry.is_intact for entry in page.rows),
            "action_names": ACTION_NAMES,
            "subject_names": SUBJECT_NAMES,
            "actor_names": ACTOR_NAMES,
        },
    )
