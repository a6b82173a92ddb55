"""What a live feed's lines mean for the books: new, known, changed, taken back.

Banks' APIs give each line an id and change lines behind it: a label is completed, a date corrected, a line deleted and
told again under another id. So a line is known by its id within one account of one feed, and:

1. Of several versions the latest counts, whatever order they come in; one older than what is known is ignored.
2. A changed line that nobody has worked on takes over what the bank says now. One that a statement tells as well keeps the
   statement's words. One that somebody has worked on stays, and a person is told.
3. A line the bank takes back is taken out of the books while nobody has worked on it and no statement tells it. Else it
   stays, with its match, and a person is told; unless the bank tells the same amount again under another id, three days away
   at most, before or after: then it is the same line under a new name.
4. Nothing is undone by itself. When a person undoes the match, the next round does what the bank said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from encours.core.deliveries import NEARBY_DAYS
from encours.core.statements import Transaction, content_key
from encours.core.wording import Wording

CHANGED = Wording(
    "feed_line.changed",
    fr="La banque dit maintenant {told} du {told_date} au lieu de {known} du {known_date}, mais la ligne a déjà été"
    " traitée : elle reste telle quelle. Annulez son rapprochement pour reprendre ce que dit la banque.",
    en="The bank now says {told} on {told_date} instead of {known} on {known_date}, but the line has been worked on: it"
    " stays as it is. Undo its match to take over what the bank says.",
)
REWORDED = Wording(
    "feed_line.reworded",
    fr="La banque a changé le libellé de la ligne de {known} du {known_date}, déjà traitée : elle reste telle quelle.",
    en="The bank has changed the words of the line of {known} on {known_date}, already worked on: it stays as it is.",
)
GONE = Wording(
    "feed_line.gone",
    fr="La banque a retiré la ligne de {known} du {known_date}, déjà rapprochée : rien n'est annulé d'office. Vérifiez avec"
    " la banque et annulez le rapprochement au besoin.",
    en="The bank has taken back the line of {known} on {known_date}, already matched: nothing is undone by itself. Check"
    " with the bank and undo the match if need be.",
)
REMOVED = Wording(
    "feed_line.removed",
    fr="La banque a retiré cette ligne avant que personne ne la traite : elle ne compte plus.",
    en="The bank took this line back before anybody worked on it: it no longer counts.",
)


@dataclass(frozen=True)
class ToldLine:
    """A line as a feed tells it. `line` is None for one it takes back (deleted, declined, not booked any more).

    `line.bank_reference` is the feed's id of it.
    """

    account: str
    external_id: str
    updated_at: datetime
    line: Transaction | None


@dataclass(frozen=True)
class KnownLine:
    """A line as the books know it under the feed's id.

    `state` is told, changed, gone or removed. `content` is of what the books took over, `waiting` what the bank said since,
    for a person to see. `row` is the bank line it is, None when the books tell its money otherwise. `is_worked_on`: matched, or a match is proposed. `is_told_elsewhere`: a statement or another feed tells it.
    """

    key: int
    account: str
    external_id: str
    content: str
    told_at: datetime
    state: str
    row: int | None
    is_worked_on: bool
    is_told_elsewhere: bool
    booked_date: date | None
    amount_cents: int
    waiting: Transaction | None = None


@dataclass
class Decisions:
    """What becomes of each line. Lists of (known, told) pairs where both exist."""

    new: list[ToldLine] = field(default_factory=list)
    same: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    rewritten: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    changed: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    removed: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    gone: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    returned: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    renamed: list[tuple[KnownLine, ToldLine]] = field(default_factory=list)
    """(a line taken back, what is told now under a new id): the same line."""
    replaced: list[tuple[KnownLine, KnownLine]] = field(default_factory=list)
    """(a line taken back, the same told before under another id and worked on by nobody): one of them is too much."""
    unchanged: int = 0


def content_of(told: ToldLine) -> str:
    """Equal while a feed says the same of a line: everything that would be written in the books."""
    if told.line is None:
        return ""
    t = told.line
    more = "\x1f".join(
        [str(t.value_date), t.mandate_id, t.counterparty_iban, t.operation_code, t.return_reason]
    )
    return sha256(f"{content_key(told.account, t)}\x1f{more}".encode()).hexdigest()


def decide(told: Iterable[ToldLine], known: Mapping[tuple[str, str], KnownLine]) -> Decisions:
    """`known` by (account, id): those told, those that waited for a person, and what could stand in for those taken back."""
    latest: dict[tuple[str, str], ToldLine] = {}
    for line in told:
        key = (line.account, line.external_id)
        if key not in latest or line.updated_at >= latest[key].updated_at:
            latest[key] = line
    decisions = Decisions()
    for key, line in _with_waiting(latest, known).items():
        before = known.get(key)
        if before is None:
            if line.line is not None:
                decisions.new.append(line)
        elif line.updated_at < before.told_at:
            decisions.unchanged += 1
        elif line.line is None:
            _taken_back(decisions, before, line)
        else:
            _told_again(decisions, before, line)
    _rename(decisions, known.values())
    _replace(decisions, known.values())
    return decisions


def _with_waiting(
    latest: Mapping[tuple[str, str], ToldLine], known: Mapping[tuple[str, str], KnownLine]
) -> dict[tuple[str, str], ToldLine]:
    """Rule 4: what waited for a person and no longer needs to is as if it were told now."""
    waited = {
        key: ToldLine(line.account, line.external_id, line.told_at, line.waiting)
        for key, line in known.items()
        if line.state in ("changed", "gone") and not line.is_worked_on
    }
    return waited | dict(latest)


def _taken_back(decisions: Decisions, before: KnownLine, line: ToldLine) -> None:
    if before.state == "removed" or before.row is None:
        decisions.unchanged += 1
    elif not before.is_worked_on and not before.is_told_elsewhere:
        decisions.removed.append((before, line))
    elif before.state == "gone":
        decisions.unchanged += 1
    else:
        decisions.gone.append((before, line))


def _told_again(decisions: Decisions, before: KnownLine, line: ToldLine) -> None:
    if before.state == "removed" and before.row is None:  # its line goes by another name since
        decisions.new.append(line)
    elif before.state == "removed":
        decisions.returned.append((before, line))
    elif before.row is None or content_of(line) == before.content:
        decisions.same.append((before, line))
    elif before.is_worked_on or (before.is_told_elsewhere and _moves(before, line)):
        if line.line == before.waiting:
            decisions.unchanged += 1
        else:
            decisions.changed.append((before, line))
    elif before.is_told_elsewhere:
        decisions.same.append((before, line))
    else:
        decisions.rewritten.append((before, line))


def _moves(before: KnownLine, line: ToldLine) -> bool:
    assert line.line is not None
    return line.line.amount_cents != before.amount_cents


def _rename(decisions: Decisions, known: Iterable[KnownLine]) -> None:
    """Rule 3, told anew after the first was taken back, or together with it."""
    decided = (*decisions.same, *decisions.rewritten, *decisions.changed, *decisions.removed)
    busy = {before.key for before, _ in decided}
    gone = [line for line in known if line.state == "gone" and line.row is not None and line.key not in busy]
    gone += [before for before, _ in decisions.gone]
    still_new = []
    for told in decisions.new:
        assert told.line is not None
        amount, day = told.line.amount_cents, told.line.booked_date
        near = [
            line
            for line in gone
            if line.account == told.account and line.amount_cents == amount and _near(line, day)
        ]
        if not near:
            still_new.append(told)
            continue
        before = min(near, key=lambda line: (abs((_day(line) - day).days), line.key))
        gone.remove(before)
        decisions.renamed.append((before, told))
    decisions.new = still_new
    renamed = {before.key for before, _ in decisions.renamed}
    decisions.gone = [(before, told) for before, told in decisions.gone if before.key not in renamed]


def _replace(decisions: Decisions, known: Iterable[KnownLine]) -> None:
    """Rule 3, told anew before the first was taken back."""
    pairs = (*decisions.removed, *decisions.gone, *decisions.rewritten, *decisions.changed)
    busy = {before.key for before, _ in pairs}
    free = [
        line
        for line in known
        if line.state == "told" and line.row is not None and line.key not in busy
        and not line.is_worked_on and not line.is_told_elsewhere
    ]  # fmt: skip
    still = []
    for before, told in decisions.gone:
        same = [
            line
            for line in free
            if line.account == before.account and line.amount_cents == before.amount_cents
        ]
        near = [line for line in same if line.key > before.key and _near(line, _day(before))]
        if near and before.is_worked_on:
            stand_in = min(near, key=lambda line: (abs((_day(line) - _day(before)).days), line.key))
            free.remove(stand_in)
            decisions.replaced.append((before, stand_in))
        else:
            still.append((before, told))
    decisions.gone = still


def _near(line: KnownLine, day: date) -> bool:
    return line.booked_date is not None and abs((line.booked_date - day).days) <= NEARBY_DAYS


def _day(line: KnownLine) -> date:
    assert line.booked_date is not None, "only lines of the books are near to others"
    return line.booked_date
