"""What a mail service posted and nobody could read: looked at, tried again, put away."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.defer_job import defer
from encours.actions.take_notices import retry_notice, see_notice
from encours.backoffice.permissions import Role, needs
from encours.backoffice.settings.mailboxes import mailbox_or_404
from encours.queries.mail_notices import notice_file


@needs(Role.ADMIN)
@require_POST
def change_notice(request: Any, mailbox_id: int, notice_id: int) -> HttpResponse:
    """Tries it again, or puts it away."""
    which = {"company": request.company, "mailbox_id": mailbox_id, "notice_id": notice_id}
    mailbox_or_404(request, mailbox_id)
    wanted = request.POST.get("do", "")
    if wanted == "retry" and retry_notice(**which):
        defer("read_mailbox", company_id=request.company.pk, mailbox_id=mailbox_id, beside="mail")
        messages.success(request, _("The notice is being read again."))
    elif wanted == "seen" and see_notice(**which):
        messages.success(request, _("The notice is put away. It stays kept."))
    return HttpResponseRedirect(reverse("settings:mailbox", args=[mailbox_id]))


@needs(Role.ADMIN)
def notice_as_it_came(request: Any, mailbox_id: int, notice_id: int) -> HttpResponseBase:
    """Its bytes, never shown by a browser: a stranger wrote them."""
    stored = notice_file(company=request.company, mailbox_id=mailbox_id, notice_id=notice_id)
    if stored is None or not stored.path.is_file():
        raise Http404
    return FileResponse(
        stored.path.open("rb"),
        as_attachment=True,
        filename=stored.name,
        content_type="application/octet-stream",
    )
