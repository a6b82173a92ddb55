"""The sender is killed with -9 at every point of its three steps, and by the post office in mid-sentence.

A real process, a real database, a real SMTP server that counts by Message-ID. Whatever happens, nothing is sent
twice, nothing is lost, and what nobody can know is shown to a person.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings as django_settings

from encours.actions.create_company import create_company
from encours.actions.resolve_unknown import resolve_unknown
from encours.actions.run_dunning import run_dunning
from encours.store.models import Attempt, Company, Message
from encours.store.tenancy import company_scope
from tests import cast
from tests.dunning.conftest import approve_all, at, post_office, send  # noqa: F401 (a fixture)
from tests.dunning.post_office import PostOffice

pytestmark = pytest.mark.crash

DUE, TODAY = date(2026, 3, 2), date(2026, 3, 3)
CUSTOMERS = 4
BEFORE_HAND_OVER = [
    "step 1: message locked", "step 1: attempt written", "between 1 and 2", "step 2: rows locked",
    "step 2: before the words", "step 2: file kept",
]  # fmt: skip
AT_HAND_OVER = [
    "step 2: committed", "step 3: connection open", "step 3: taken", "step 3: outcome not committed",
]  # fmt: skip
DONE = ["step 3: outcome committed", "done, lock held"]


@dataclass
class Sender:
    """The program that forks a sender per order."""

    process: subprocess.Popen[str]
    company: Company

    def start(self, **order: Any) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order |= {"company": self.company.pk, "on": TODAY.isoformat()}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """Exit code; -9 when it was killed."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture
def company(committed_db) -> Iterator[Company]:
    created = create_company(
        name="Atelier Lumen SAS", siren="732829320", actor="test", email="compta@lumen.example"
    )
    with company_scope(created.pk):
        yield created


@pytest.fixture
def sender(company, post_office) -> Iterator[Sender]:  # noqa: F811
    environment = os.environ | {
        "ENCOURS_HOME": str(django_settings.DATA_FOLDER),
        "ENCOURS_SMTP_URL": post_office.url,
        "ENCOURS_LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    program = Path(__file__).with_name("sender.py")
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    yield Sender(process, company)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


def a_days_messages(company: Company, round_number: int) -> set[int]:
    """Ids of approved messages to customers nobody wrote to before."""
    for rank in range(CUSTOMERS):
        name = f"K{round_number}-{rank}"
        debtor = cast.customer(company, name, f"Maison {name}", email=f"{name}@example.com".lower())
        cast.invoice(
            company, debtor, f"F-{name}", payable_cents=50_000, issue_date=date(2026, 1, 31), due_date=DUE
        )
    run_dunning(company=company, on=TODAY, actor="test")
    approve_all(company)
    return set(Message.objects.filter(state=Message.State.APPROVED).values_list("pk", flat=True))


def send_the_rest(company: Company) -> None:
    """The restarted sender, until nothing is under way: the database notices a dead client within moments."""
    deadline = monotonic() + 20
    while Message.objects.filter(state__in=["approved", "claimed"]).exists():
        send(company, TODAY, now=at(TODAY, 9))
        assert monotonic() < deadline, "a dead sender's claim is still held"
        sleep(0.01)


def check_books(office: PostOffice, ids: set[int]) -> set[int]:
    """Ids of messages of unknown fate; everything else was taken by the post office exactly once."""
    counted = Counter(office.keys)
    assert max(counted.values(), default=0) <= 1, "a message was sent twice"
    unknown = set()
    for message in Message.objects.filter(pk__in=ids).prefetch_related("attempts"):
        last = max(message.attempts.all(), key=lambda attempt: attempt.number)
        taken = counted[f"<{last.idempotency_key}@lumen.example>"]
        assert message.state in ("sent", "unknown"), message.state
        if message.state == "unknown":
            unknown.add(message.pk)
            assert last.outcome == Attempt.Outcome.UNKNOWN
        else:
            assert taken == 1, "a message that counts as sent was lost"
    return unknown


def test_killed_at_every_point_of_the_three_steps(company, sender, post_office):  # noqa: F811
    rounds = 0
    for points, unknown_expected in ((BEFORE_HAND_OVER, 0), (AT_HAND_OVER, 1), (DONE, 0)):
        for point in points:
            for after in (0, 2):
                rounds += 1
                ids = a_days_messages(company, rounds)
                sender.start(die_at=point, after=after)
                assert sender.wait() == -signal.SIGKILL, f"{point} was not reached"
                send_the_rest(company)
                unknown = check_books(post_office, ids)
                assert len(unknown) == unknown_expected, point
    shown = send(company, TODAY)
    assert shown.sent == 0


def test_killed_by_the_post_office_in_mid_sentence(company, sender, post_office):  # noqa: F811
    """The server kills its client when it hears a command: before it could answer, and once it has the mail."""
    victim = 0

    def kill(_: object = None) -> None:
        if victim:
            os.kill(victim, signal.SIGKILL)

    for rounds, stage in enumerate(["MAIL", "RCPT", "DATA"] * 2):
        post_office.when_asked = {stage: kill}
        post_office.before_taking = kill if stage == "DATA" else lambda _: None
        ids = a_days_messages(company, rounds)
        victim = sender.start()
        assert sender.wait() == -signal.SIGKILL
        victim = 0
        send_the_rest(company)
        assert len(check_books(post_office, ids)) == 1
    assert [problem.code for problem in send(company, TODAY).problems] == []


def test_killed_at_any_time(company, sender, post_office):  # noqa: F811
    chance = random.Random(20260303)
    killed, lost_sight_of = 0, 0
    for rounds in range(12):
        ids = a_days_messages(company, rounds)
        pid = sender.start()
        timer = threading.Timer(chance.uniform(0.02, 0.35), os.kill, (pid, signal.SIGKILL))
        timer.start()
        killed += sender.wait() == -signal.SIGKILL
        timer.cancel()
        send_the_rest(company)
        lost_sight_of += len(check_books(post_office, ids))
    assert killed > 0
    assert lost_sight_of <= killed


def test_two_senders_at_once_share_the_work(company, sender, post_office):  # noqa: F811
    ids = a_days_messages(company, 1) | a_days_messages(company, 2)
    sender.start()
    ours = send(company, TODAY)
    assert sender.wait() == 0
    send_the_rest(company)
    assert check_books(post_office, ids) == set()
    assert len(post_office.taken) == len(ids)
    assert ours.sent <= len(ids)


def test_a_person_resolves_what_is_unknown(company, sender, post_office):  # noqa: F811
    ids = a_days_messages(company, 1)
    for point in ("step 3: taken", "step 3: connection open"):
        sender.start(die_at=point, after=0)
        assert sender.wait() == -signal.SIGKILL
    found = send(company, TODAY)
    unknown = {p.sentence.params["number"] for p in found.problems if p.code == "message.fate_unknown"}
    assert len(unknown) >= 1, "the unknown one is told to a person"
    send_the_rest(company)
    keys = Counter(post_office.keys)
    for message in Message.objects.filter(state="unknown"):
        key = message.attempts.get().idempotency_key
        was_sent = keys[f"<{key}@lumen.example>"] == 1
        resolve_unknown(
            company=company, message_id=message.pk, was_sent=was_sent, now=at(TODAY), actor="user:1"
        )
    send_the_rest(company)
    assert check_books(post_office, ids) == set()
    assert len(post_office.taken) == len(ids)
