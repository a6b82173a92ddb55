"""Makes the demo company: its files come in through the front door, then its team works for some weeks.

Two years of files are brought in at once. The last business days are lived one by one: the day's files, the bank
matched, reminders planned, approved and sent, as they would have been. Today is planned and waits for its reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from encours.actions.approve_messages import approve_messages
from encours.actions.create_company import create_company
from encours.actions.demo_cases import agree_on_one, answer_disputes, contest, pause_one, promise_one
from encours.actions.flag_orders import flag_orders
from encours.actions.import_file import receive_file, run_import
from encours.actions.invite_user import invite_user
from encours.actions.reconcile import reconcile
from encours.actions.run_dunning import run_dunning
from encours.actions.send_messages import send_messages
from encours.actions.settle_by_truth import settle_by_truth
from encours.actions.take_reply import take_reply
from encours.core.business_days import business_day_until
from encours.core.wording import Sentence, Wording
from encours.demo import replies
from encours.demo.company import DemoCompany
from encours.demo.generate import DatedFile, Generated, generate
from encours.store.models import Attempt, Company, Document, Message
from encours.store.statistics import refresh_statistics
from encours.store.tenancy import company_scope

SLUG = "ventalune"
PASSWORD = "demo-encours"  # noqa: S105 (the demo listens on this machine only and shows it)
TEAM = (
    ("claire@ventalune.example", "Claire Vaurel", "admin", "fr"),
    ("malik@ventalune.example", "Malik Darnay", "collector", "fr"),
    ("emma@ventalune.example", "Emma Kerlaz", "accountant", "en"),
    ("nora@ventalune.example", "Nora Sabatel", "viewer", "fr"),
)
LIVED_DAYS = 15  # business days that are lived one by one
# What came in lately still waits for somebody's confirmation; older lines were worked on.
PROPOSALS_KEPT_DAYS = 30
# Formal notices wait for a person: the team decides on them a few days after they are planned.
NOTICES_DECIDED_AFTER_DAYS = 4
PROMISED_FOR_DAYS = (3, 7, 12)  # how soon those who are called promise to pay

Phase = Literal["files", "imports", "days", "today"]
Progress = Callable[[Phase, int, int], None]


NOT_BUILT = Wording("demo_not_built", fr="{file} : {reason}", en="{file}: {reason}")


class UnableToBuildDemo(Exception):
    """A file the demo wrote was not taken; `sentence` says which, and why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@dataclass(frozen=True)
class DemoBuilt:
    """The demo company, ready to look at."""

    company_id: int
    documents: int
    transactions: int
    messages_sent: int
    messages_waiting: int


def build_demo(
    *, folder: Path, seed: int, on: date, scale: float, progress: Progress, lived_days: int = LIVED_DAYS
) -> DemoBuilt:
    """Into a migrated store without the demo company. `folder` keeps the files that were written."""
    generated = generate(
        folder, seed=seed, on=on, scale=scale, progress=lambda done, total: progress("files", done, total)
    )
    company = _found(generated.company)
    with company_scope(company.pk):
        team = _Team(company, generated)
        team.invite()
        days = _days_before(on, lived_days)
        old = [file for file in generated.files if file.day < days[0]]
        for done, file in enumerate(old, start=1):
            team.bring_in(file)
            progress("imports", done, len(old))
        # many small files are a large import, too quick for autovacuum
        refresh_statistics()
        team.catch_up(days[0])
        for done, day in enumerate(days, start=1):
            team.live(day)
            progress("days", done, len(days))
        progress("today", 0, 1)
        team.prepare(on)
        refresh_statistics()
        progress("today", 1, 1)
        return DemoBuilt(
            company_id=company.pk,
            documents=sum(generated.document_counts.values()),
            transactions=sum(generated.transaction_counts.values()),
            messages_sent=Message.objects.filter(company=company, state=Message.State.SENT).count(),
            messages_waiting=Message.objects.filter(company=company, state=Message.State.WAITING).count(),
        )


class _Team:
    """The people of the demo company at work. Everything goes through the actions the screens use."""

    def __init__(self, company: Company, generated: Generated) -> None:
        self.company = company
        self._generated = generated
        self._files = iter(sorted(generated.files, key=lambda file: file.day))
        self._next: DatedFile | None = next(self._files)
        self._disputed = list(generated.disputed)
        self.collector = "demo"

    def invite(self) -> None:
        for email, name, role, language in TEAM:
            invited = invite_user(
                company=self.company, email=email, name=name, role=role, language=language, password=PASSWORD,
                actor="demo",
            )  # fmt: skip
            if role == "collector":
                self.collector = f"user:{invited.user_id}"

    def bring_in(self, file: DatedFile) -> None:
        """Through the same door as everybody's files. The demo's files are clean: a problem is a bug."""
        batch = receive_file(company=self.company, source=file.path, name=file.path.name, actor="demo")
        outcome = run_import(company=self.company, batch_id=batch.pk)
        errors = [problem for problem in outcome.problems if problem.severity == "error"]
        if errors:
            raise UnableToBuildDemo(NOT_BUILT(file=file.path.name, reason=errors[0].sentence))
        if file is self._next:
            self._next = next(self._files, None)

    def catch_up(self, day: date) -> None:
        """What the team had done before the days that are lived: everything old is settled."""
        reconcile(company=self.company, on=day, actor="demo")
        self._settle(day)
        self._hold_disputed(day)

    def live(self, day: date) -> None:
        """A working day: files of the days before, the bank, calls with customers, the reminders of the morning."""
        self._bring_in_before(day)
        reconcile(company=self.company, on=day, actor=self.collector)
        self._settle(day)
        self._hold_disputed(day)
        self._speak_with_customers(day)
        run_dunning(company=self.company, on=day, actor="worker")
        approve_messages(company=self.company, actor=self.collector)
        self._decide_notices(day)
        send_messages(
            company=self.company,
            now=datetime.combine(day, time(9, 30), ZoneInfo(self.company.time_zone)),
            on=day,
            actor=self.collector,
        )

    def prepare(self, on: date) -> None:
        """This morning: everything is in and planned, nothing is approved yet."""
        self._bring_in_before(on)
        reconcile(company=self.company, on=on, actor="worker")
        self._settle(on)
        self._hold_disputed(on)
        pause_one(company=self.company, on=on, actor=self.collector)
        morning = datetime.combine(on, time(6), ZoneInfo(self.company.time_zone))
        flag_orders(company=self.company, on=on, now=morning, actor="worker")
        run_dunning(company=self.company, on=on, actor="worker")
        self._receive_answers(on)

    def _receive_answers(self, on: date) -> None:
        """What came back since yesterday to the last reminders that left: it waits to be read."""
        evening = datetime.combine(on - timedelta(days=1), time(17, 10), ZoneInfo(self.company.time_zone))
        sent = Attempt.objects.filter(
            company=self.company, outcome=Attempt.Outcome.ACCEPTED, message__channel="email"
        )
        latest = sent.select_related("message").order_by("-message__sent_at", "-pk")[: len(replies.ANSWERS)]
        for place, attempt in enumerate(latest):
            message = attempt.message
            asked = message.reminders.select_related("document").order_by("due_date", "pk").first()
            content = replies.answer(
                place=place,
                sender_address=message.recipient,
                answered_id=f"{attempt.idempotency_key}@{self.company.email.rpartition('@')[2]}",
                subject=message.subject,
                number=asked.document.number if asked else "",
                to=self.company.email,
                at=evening + timedelta(minutes=7 * place),
            )
            self._take(content, evening + timedelta(minutes=7 * place))
        self._take(replies.of_a_stranger(to=self.company.email, at=evening), evening + timedelta(hours=1))

    def _take(self, content: bytes, at: datetime) -> None:
        take_reply(company=self.company, content=content, received_at=at, actor="demo")

    def _bring_in_before(self, day: date) -> None:
        while self._next is not None and self._next.day < day:
            self.bring_in(self._next)

    def _settle(self, day: date) -> None:
        settle_by_truth(
            company=self.company,
            truth=self._generated.settlements,
            before=day - timedelta(days=PROPOSALS_KEPT_DAYS),
            actor=self.collector,
        )

    def _hold_disputed(self, day: date) -> None:
        """Disputes are noted when the customer first complains, some days before the due date."""
        found = Document.objects.filter(company=self.company, number__in=self._disputed, open_cents__gt=0)
        for document in found.filter(due_date__lte=day + timedelta(days=7)).order_by("number"):
            self._disputed.remove(document.number)
            contest(company=self.company, document=document, on=day, actor=self.collector)

    def _speak_with_customers(self, day: date) -> None:
        """Somebody promises each day; on Mondays a plan is agreed on."""
        own = {"company": self.company, "on": day, "actor": self.collector}
        answer_disputes(now=datetime.combine(day, time(11), ZoneInfo(self.company.time_zone)), **own)
        promise_one(days=PROMISED_FOR_DAYS[day.toordinal() % len(PROMISED_FOR_DAYS)], **own)
        if day.weekday() == 0:
            agree_on_one(**own)

    def _decide_notices(self, day: date) -> None:
        waiting = Message.objects.filter(
            company=self.company,
            state=Message.State.WAITING,
            planned_date__lte=day - timedelta(days=NOTICES_DECIDED_AFTER_DAYS),
        )
        ids = list(waiting.order_by("pk").values_list("pk", flat=True))
        if ids:
            approve_messages(company=self.company, message_ids=ids, actor=self.collector)


def _found(demo: DemoCompany) -> Company:
    return create_company(
        name=demo.name,
        siren=demo.siren,
        slug=SLUG,
        actor="demo",
        legal_form=demo.legal_form,
        vat_number=demo.vat_number,
        street=demo.street,
        postcode=demo.postcode,
        city=demo.city,
        email=demo.email,
        phone=demo.phone,
        iban=demo.accounts[0].iban,
        account_holder=demo.name,
    )


def _days_before(on: date, count: int) -> list[date]:
    """The last business days before today, oldest first."""
    days: list[date] = []
    while len(days) < count:
        on = business_day_until(on - timedelta(days=1))
        days.append(on)
    return days[::-1]
