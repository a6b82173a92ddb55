"""Pilotage: where the company's receivables stand today."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from encours.backoffice.permissions import Role, needs


@needs(Role.VIEWER)
def show(request: Any) -> HttpResponse:
    return render(request, "dashboard/show.html")
