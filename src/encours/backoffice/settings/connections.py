"""What the settings pages of connections share: forms made from what a connector asks for, and what is done with them.

A page of a new kind has its own views and words; it finds the connector with `connector_or_404`, adds with `ConnectionForm` and
`connected`, replaces credentials with `secrets_form` and `replace_credentials`, and extends or includes the templates
`settings/add_connection.html`, `connection_problem.html`, `connection_secrets.html`, `connection_state.html` and `revoke_connection.html`.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext as _

from encours.actions.change_connection import replace_secrets
from encours.actions.new_connection import UnableToConnect
from encours.backoffice.actor import actor_of
from encours.backoffice.language import language_of_reader
from encours.backoffice.settings.forms import ConnectionForm, SecretsForm
from encours.backoffice.templatetags.encours import sentence
from encours.ports.connections import ConnectionKind, Connector
from encours.ports.registry import connectors
from encours.queries.connections import ConnectionRow


def connector_or_404(kind: ConnectionKind, name: str) -> type[Connector]:
    """What is asked for by `?kind=`."""
    made = connectors(kind).get(name)
    if made is None:
        raise Http404
    return made


def connected(form: ConnectionForm, connect: Callable[..., Any]) -> Any:
    """The connection that `connect(name=…, given=…)` makes of a form that was sent; None when the form says why not."""
    if not form.is_valid():
        return None
    try:
        return connect(name=form.cleaned_data["name"], given=form.given())
    except UnableToConnect as error:
        form.add_error(None, sentence(error.sentence))
        return None


def secrets_form(kind: ConnectionKind, row: ConnectionRow, given: Any = None) -> SecretsForm | None:
    """The credentials that may be replaced; None where there are none."""
    made = connectors(kind).get(row.provider)
    form = SecretsForm(given, config=made.Config, language=language_of_reader()) if made else None
    return form if form is not None and form.fields else None


def replace_credentials(request: Any, kind: ConnectionKind, row: ConnectionRow) -> bool:
    """Takes new credentials for those that are filled in. False when the form does not do."""
    form = secrets_form(kind, row, request.POST)
    if form is None or not form.is_valid():
        return False
    replace_secrets(
        kind=kind, company=request.company, connection_id=row.id, given=form.cleaned_data, actor=actor_of(request)
    )  # fmt: skip
    messages.success(request, _("The credentials are replaced."))
    return True
