"""Works events of payment services: asks what each is about, and books what the service says.

An event is a hint. However many there are of one payment, and in whatever order, it is asked for once; and not at all when the
word its charge rests on is later than the event.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import F, Q, QuerySet

from encours.actions.apply_told_charge import apply_told_charges
from encours.actions.book_payouts import book_payout
from encours.actions.note_asking import note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import PaymentGateway, ToldCharge
from encours.store.models import Charge, Company, GatewayConnection, GatewayEvent

ACTOR = "worker"
_BATCH = 200
# so many objects in a row that cannot be asked for: it is the service, not the objects
_PATIENCE = 3
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)

NOT_BOOKED = Wording(
    "gateway_event.not_booked",
    fr="Ce que dit le service n’a pas pu être comptabilisé ({reason}). Nouvel essai plus tard.",
    en="What the service says could not be booked ({reason}). It is tried again later.",
)

# what is worked here; events of mandates wait for those who keep them
ABOUT = ("charge", "payout")
Object = tuple[str, str]  # what an event is about, and its id


@dataclass
class Worked:
    """Events of a round: `done` brought or confirmed something, `ignored` are not ours, `failed` are tried again."""

    done: int = 0
    ignored: int = 0
    failed: int = 0


@dataclass
class _Round:
    """One connection's round."""

    company: Company
    connection: GatewayConnection
    gateway: PaymentGateway
    now: datetime
    worked: Worked
    failures: dict[Object, Sentence] = field(default_factory=dict)
    broken: UnableToAsk | None = None


def work_gateway_events(*, company: Company, now: datetime) -> Worked:
    """Works all events that may be worked now, a batch at a time. Not in a transaction.

    An event and what follows from it are written together: a crash leaves both undone.
    """
    worked = Worked()
    connections = GatewayConnection.objects.filter(company=company).exclude(
        state=GatewayConnection.State.REVOKED
    )
    for connection in connections.order_by("pk"):
        with asking_alone(connection) as is_ours:
            if is_ours:
                _work_connection(company, connection, now, worked)
    return worked


def due_events(*, company: Company, now: datetime) -> bool:
    """Whether any event may be worked now."""
    return _due(company, now).exists()


def _due(company: Company, now: datetime) -> QuerySet[GatewayEvent]:
    waiting = [GatewayEvent.State.WAITING, GatewayEvent.State.FAILED]
    return GatewayEvent.objects.filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now),
        company=company,
        state__in=waiting,
        about__in=ABOUT,
    )


def _work_connection(company: Company, connection: GatewayConnection, now: datetime, worked: Worked) -> None:
    rows = _due(company, now).filter(connection=connection).order_by("pk")
    if not rows.exists():
        return
    try:
        gateway = open_connection(connection)
    except UnableToAsk as error:
        note_failure(connection, error, now=now)
        return
    try:
        run = _Round(company, connection, gateway, now, worked)
        while batch := list(rows[:_BATCH]):
            _work_batch(run, batch)
            if run.broken is not None:
                note_failure(connection, run.broken, now=now)
                return
    finally:
        gateway.close()


def _work_batch(run: _Round, batch: Sequence[GatewayEvent]) -> None:
    by_object: dict[Object, list[GatewayEvent]] = {}
    for event in batch:
        by_object.setdefault((event.about, event.object_id), []).append(event)
    run.failures = {}
    told = _ask(run, by_object)
    _book(run, told, by_object)
    for about, object_id in by_object:
        if about == "payout" and (about, object_id) not in run.failures:
            _work_payout(run, object_id, by_object[about, object_id])
    if run.failures:
        _put_off(run, by_object)


def _ask(run: _Round, by_object: Mapping[Object, Sequence[GatewayEvent]]) -> dict[Object, ToldCharge | None]:
    """What the service says of each charge; None where all that its events could tell is booked already."""
    wanted = [key for key in by_object if key[0] == "charge"]
    known = Charge.objects.filter(
        company=run.company, connection=run.connection, external_id__in=[object_id for _, object_id in wanted]
    )
    known_at = dict(known.values_list("external_id", "told_at"))
    told: dict[Object, ToldCharge | None] = {}
    in_a_row = 0
    for key in wanted:
        latest = max(event.occurred_at for event in by_object[key])
        booked_at = known_at.get(key[1])
        if booked_at is not None and booked_at > latest:
            told[key] = None
            continue
        if run.broken is not None:
            run.failures[key] = run.broken.sentence
            continue
        try:
            told[key] = run.gateway.charge_told(key[1])
            in_a_row = 0
        except UnableToAsk as error:
            run.failures[key] = error.sentence
            in_a_row += 1
            if in_a_row >= _PATIENCE:
                run.broken = error
    return told


def _book(
    run: _Round,
    told: Mapping[Object, ToldCharge | None],
    by_object: Mapping[Object, Sequence[GatewayEvent]],
) -> None:
    """Books what was told, together where that goes, else one by one: what cannot be booked holds nothing else up."""
    try:
        _book_together(run, told, by_object)
    except DatabaseError as error:
        if len(told) == 1:
            run.failures[next(iter(told))] = NOT_BOOKED(reason=type(error).__name__)
            return
        for key, word in told.items():
            _book(run, {key: word}, by_object)


@transaction.atomic
def _book_together(
    run: _Round,
    told: Mapping[Object, ToldCharge | None],
    by_object: Mapping[Object, Sequence[GatewayEvent]],
) -> None:
    words = {key: word for key, word in told.items() if word is not None}
    charges = charges_named(company=run.company, connection=run.connection, told=words.values())
    by_charge = {charges[word.reference]: word for word in words.values() if word.reference in charges}
    # first of all: it waits for who holds one of the charges, which may in turn wait for what booking locks
    _name_charges(
        run,
        {key: charges[word.reference] for key, word in words.items() if word.reference in charges},
        told,
        by_object,
    )
    apply_told_charges(company=run.company, told=by_charge, now=run.now, actor=ACTOR)
    done = [key for key, word in told.items() if word is None or word.reference in charges]
    ignored = [key for key, word in words.items() if word.reference not in charges]
    run.worked.done += _end(run, done, by_object, GatewayEvent.State.DONE)
    run.worked.ignored += _end(run, ignored, by_object, GatewayEvent.State.IGNORED)


def _name_charges(
    run: _Round,
    named: dict[Object, int],
    told: Mapping[Object, ToldCharge | None],
    by_object: Mapping[Object, Sequence[GatewayEvent]],
) -> None:
    """Events know the charge they are about, whichever of its ids at the service they spoke of. At most two queries."""
    silent = [key[1] for key, word in told.items() if word is None]
    if silent:
        known = Charge.objects.filter(
            company=run.company, connection=run.connection, external_id__in=silent
        ).values_list("external_id", "pk")
        named = named | {("charge", external_id): charge_id for external_id, charge_id in known}
    rows = []
    for key, charge_id in named.items():
        for event in by_object[key]:
            event.charge_id = charge_id
            rows.append(event)
    if rows:
        GatewayEvent.objects.bulk_update(rows, ["charge"])


def charges_named(
    *, company: Company, connection: GatewayConnection, told: Collection[ToldCharge]
) -> dict[str, int]:
    """Ids of our charges by the reference their service says. One query."""
    rows = Charge.objects.filter(
        company=company, connection=connection, reference__in=[each.reference for each in told]
    )
    return dict(rows.values_list("reference", "pk"))


def _work_payout(run: _Round, external_id: str, events: Sequence[GatewayEvent]) -> None:
    key = ("payout", external_id)
    try:
        told = run.gateway.payout_told(external_id)
        with transaction.atomic():
            book_payout(company=run.company, connection=run.connection, told=told, actor=ACTOR)
            run.worked.done += _end(run, [key], {key: events}, GatewayEvent.State.DONE)
    except UnableToAsk as error:
        run.failures[key] = error.sentence
    except DatabaseError as error:
        run.failures[key] = NOT_BOOKED(reason=type(error).__name__)


def _end(
    run: _Round, keys: Collection[Object], by_object: Mapping[Object, Sequence[GatewayEvent]], state: str
) -> int:
    ids = [event.pk for key in keys for event in by_object[key]]
    rows = GatewayEvent.objects.filter(company=run.company, pk__in=ids)
    return rows.update(
        state=state, worked_at=run.now, attempt_count=F("attempt_count") + 1, problem=None, next_attempt_at=None
    )  # fmt: skip


def _put_off(run: _Round, by_object: Mapping[Object, Sequence[GatewayEvent]]) -> None:
    """Tried again after a while, longer each time; a person sees why."""
    rows = []
    for key, sentence in run.failures.items():
        for event in by_object[key]:
            pause = min(_FIRST_PAUSE * 2 ** min(event.attempt_count, 12), _LONGEST_PAUSE)
            event.state, event.attempt_count = GatewayEvent.State.FAILED, event.attempt_count + 1
            event.next_attempt_at, event.problem = run.now + pause, sentence.as_json()
            rows.append(event)
    GatewayEvent.objects.bulk_update(rows, ["state", "attempt_count", "next_attempt_at", "problem"])
    run.worked.failed += len(rows)
