"""Scénarios: the dunning policies of the company, whom each applies to, what each does when."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from encours.backoffice.dunning_names import LETTER_NAMES, TONE_NAMES, WEEKDAY_NAMES
from encours.backoffice.permissions import Role, needs
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.queries.policies import policy_rows

NAMES = {
    "template_names": LETTER_NAMES,
    "channel_names": {name: wording() for name, wording in CHANNEL_NAMES.items()},
    "tone_names": TONE_NAMES,
    "weekday_names": WEEKDAY_NAMES,
}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    return render(request, "policies/list.html", {"rows": policy_rows(company=request.company), **NAMES})
