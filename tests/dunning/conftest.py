"""What the stories of reminders need: a post office, a bank known up to today, and a way to live through days."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time

import pytest

from encours.actions.approve_messages import approve_messages
from encours.actions.run_dunning import run_dunning
from encours.actions.send_messages import Sending, send_messages
from encours.store.models import Company, Message
from tests import cast
from tests.dunning.post_office import PostOffice


@pytest.fixture
def post_office(settings, tmp_path) -> Iterator[PostOffice]:
    settings.FILES_FOLDER = tmp_path / "files"
    with PostOffice() as office:
        settings.CHANNELS = {"email": {"smtp_url": office.url}}
        yield office


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def bank_known(company: Company, until: date) -> None:
    cast.statement(company, cast.bank_account(company), known_until_date=until)


def send(company: Company, on: date, **options) -> Sending:
    options = {"now": at(on), "accept_bank_age": True} | options
    return send_messages(company=company, on=on, actor="test", **options)


def approve_all(company: Company) -> None:
    """Everything that waits, formal notices one by one."""
    waiting = Message.objects.filter(state=Message.State.WAITING).values_list("pk", flat=True)
    approve_messages(company=company, message_ids=list(waiting), actor="user:1")


@pytest.fixture
def live(company, post_office) -> Callable[[date], Sending]:
    """A working day: plan, approve, send."""

    def day(on: date) -> Sending:
        run_dunning(company=company, on=on, actor="test")
        approve_all(company)
        return send(company, on)

    return day
