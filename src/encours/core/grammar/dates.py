"""Days as people write and say them, French and English, counted from the day they do.

`find_dates` gives every day of a text with how sure it is: *exact* (`le 15 décembre`, `d'ici 10 jours`), *approximate*
(`début janvier`, `la semaine prochaine`: the last day that keeps the word, or the middle of what was told) or *ambiguous* (two readings
are as good: `05/06` in English, `next Friday` said on a Wednesday). Who talks should ask again when it is not exact.

Rules where usage leaves a choice: a period ends on its last day, a week on its Friday; a day without a month or year is the next one
(the last one when the words look back); "sous huitaine" is 8 days, "sous quinzaine" 15, a fortnight 14.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from encours.core.business_days import add_business_days, easter
from encours.core.grammar.plain import Plain

Certainty = Literal["exact", "approximate", "ambiguous"]
Side = Literal["future", "past", "nearest"]
Match = re.Match[str]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january", "fevrier fevr fev february feb", "mars march mar", "avril avr april apr", "mai may",
            "juin june jun", "juillet juil july jul", "aout august aug", "septembre sept september sep",
            "octobre oct october", "novembre nov november", "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lundi lun monday mon", "mardi tuesday tues tue", "mercredi mercr merc wednesday wed", "jeudi jeu thursday thurs thur thu",
            "vendredi vend ven friday fri", "samedi sam saturday sat", "dimanche dim sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
_LONG_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|tues|wednesday|thursday|thurs|friday|saturday|sunday)"
_M = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![a-z])"
# `mar`, `may` and `mon` are other words as well: alone they are no month or day
_LONE_M = (
    "(?:"
    + "|".join(sorted((m for m in _MONTHS if len(m) > 3), key=len, reverse=True))
    + r"|mai|may)(?![a-z])"
)
_W = rf"(?:{_LONG_WEEKDAY}|(?:lun|mercr|merc|jeu|vend|ven|sam|dim|mon|tue|wed|thur|thu|fri|sat|sun)\b\.?)"
_NTH = r"(?: ?(?:er|st|nd|rd|th|eme|e)(?![a-z]))?"
_DAY = rf"(?P<day>[0-3]?\d)(?!\d){_NTH}"
_YEAR = r"(?:,? (?P<year>20\d\d)(?!\d))?"
_NOT_A_COUNT = (
    r"(?! ?(?:€|%|\$|£|eur\b|euros?\b|h\b|h\d|heures?\b|hours?\b|:\d|cartons?\b|jours?\b|days?\b|mois\b|weeks?\b|months?\b|fois\b|"
    r"rue\b|avenue\b|boulevard\b|bis\b|k\b|trimestre|semestre|quarter|versement|rappel|relance|etage|pieces?\b|palettes?\b)|[.,/-]\d| \d\d\b|\d)"
)
# a day that its month follows is read with it, however long the words before it are
_NO_MONTH = rf"(?!{_NTH}(?: of| de| du mois de)?[ -]{{0,2}}{_M})"
_IN_TIME = (
    r"(?:d'ici(?: a)?|dans(?: un delai de)?|sous(?: un delai de)?|within|in|inside|a|avant|maximum|max|delai de|"
    r"(?:laiss|donn|accord)(?:er|ez|ez-moi|ez-nous)(?: nous| moi)?|(?:give|allow|need)(?: us| me)?|another|encore|over|over the next)"
)
_FILLING = r"(?: (?:les|la|le|the|environ|about|around|max(?:imum)?|prochaine?s?|next|a|au plus|at most|ces|period of|delai de|encore))*"
_COUNT = r"(?P<count>\d{1,3}(?: ?\(\d{1,3}\))?|une?|an?|one|couple of|a couple of)"
_UNIT = r"(?P<unit>jours?|j|jrs?|days?|semaines?|sem|weeks?|wks?|mois|months?|heures?|hours?|hrs?|h|fortnights?|quinzaines?|huitaines?)(?![a-z])"
_THIS, _NEXT = r"ce|cette|this|the current", r"next|the coming|the following|following"


@dataclass(frozen=True)
class DateFound:
    """A day named by `text[start:end]` of a plain text. `looks` is where the words themselves point: `hier` back."""

    date: date
    certainty: Certainty
    start: int
    end: int
    looks: Side = "nearest"


@dataclass(frozen=True)
class _Clock:
    """The day from which is counted and the side on which a day without month or year lies."""

    on: date
    side: Side
    language: str = "fr"

    def day_of_month(self, day: int) -> date | None:
        """The 15th that comes (or was, or is nearest). A month that has no 31st is passed over."""
        months = [_months_later(self.on.replace(day=1), shift) for shift in range(-3, 4)]
        return self._pick([_in_month(first.year, first.month, day) for first in months])

    def day_of_year(self, month: int, day: int) -> date | None:
        return self._pick([_in_month(self.on.year + shift, month, day) for shift in (-1, 0, 1, 4)])

    def _pick(self, candidates: list[date | None]) -> date | None:
        days = [day for day in candidates if day is not None]
        after = [day for day in days if day >= self.on]
        before = [day for day in days if day <= self.on]
        if self.side == "future":
            return min(after, default=None)
        if self.side == "past":
            return max(before, default=None)
        return min(days, key=lambda day: (abs((day - self.on).days), day < self.on), default=None)

    def weekday(self, weekday: int) -> date:
        ahead = (weekday - self.on.weekday() - 1) % 7 + 1
        if self.side == "past":
            return self.on + timedelta(days=ahead - 7 or -7) if ahead != 7 else self.on - timedelta(days=7)
        return self.on + timedelta(days=ahead)

    def friday(self, weeks: int) -> date:
        return self.on + timedelta(days=4 - self.on.weekday() + 7 * weeks)


_Found = tuple[date | None, Certainty, Side]
_Rule = tuple[re.Pattern[str], Callable[[Match, _Clock], _Found]]


def find_dates(
    written: Plain, *, on: date, side: Side = "nearest", language: Literal["fr", "en"] = "fr"
) -> list[DateFound]:
    """Every day a plain text names, in order, none inside another.

    `on` is the day it was written; `side` says where a day without a month or year lies ("future" for a promise, "past" for a payment
    made). `language` is that of the writer: in English `05/06` may be either day. Days before 1990 or more than ten years ahead are taken for something else.

    >>> from encours.core.grammar.plain import plain
    >>> [found.date.isoformat() for found in find_dates(plain("lundi ou sous huitaine"), on=date(2026, 11, 18))]
    ['2026-11-23', '2026-11-26']
    """
    clock = _Clock(on, side, language)
    candidates = []
    for pattern, read in _RULES:
        for match in pattern.finditer(written.text):
            try:
                day, certainty, looks = read(match, clock)
            except (ValueError, OverflowError):
                continue
            candidates.append((match.start(), match.end(), day, certainty, looks))
    return list(_apart(candidates, on))


def _apart(candidates: list[tuple[int, int, date | None, Certainty, Side]], on: date) -> Iterator[DateFound]:
    """The longest reading of each place; one that names no day keeps others from being read into it."""
    taken: list[tuple[int, int]] = []
    kept = []
    for start, end, day, certainty, looks in sorted(
        candidates, key=lambda found: (found[0] - found[1], found[0])
    ):
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        taken.append((start, end))
        if day is not None and 1990 <= day.year <= on.year + 10:
            kept.append(DateFound(day, certainty, start, end, looks))
    yield from sorted(kept, key=lambda found: found.start)


def _in_month(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _iso(match: Match, clock: _Clock) -> _Found:  # noqa: ARG001 (the signature of every rule)
    return date(int(match["year"]), int(match["month"]), int(match["day"])), "exact", "nearest"


def _numeric(match: Match, clock: _Clock) -> _Found:
    """Day first, as France writes; month first only when nothing else is possible."""
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    day, month = (second, first) if second > 12 >= first else (first, second)
    either = clock.language == "en" and day != month and day <= 12
    certainty: Certainty = "ambiguous" if either else "exact"
    if year is None:
        return clock.day_of_year(month, day), certainty, "nearest"
    full = int(year) + (2000 if len(year) == 2 else 0)
    return _in_month(full, month, day), certainty, "nearest"


def _day_and_month(match: Match, clock: _Clock) -> _Found:
    day, month = int(match["day"]), _MONTHS[match["month"]]
    if match["year"]:
        return _in_month(int(match["year"]), month, day), "exact", "nearest"
    if match.groupdict().get("which") and clock.side != "past":
        next_year = _in_month(clock.on.year + 1, month, day)
        return next_year, "exact", "future"
    return clock.day_of_year(month, day), "exact", "nearest"


def _one_of_two_days(match: Match, clock: _Clock) -> _Found:
    found, _, _ = _day_and_month(match, clock)
    return found, "approximate", "nearest"


def _day_of_month(match: Match, clock: _Clock) -> _Found:
    day = int(match["day"])
    if not 1 <= day <= 31:
        return None, "exact", "nearest"
    which = match.groupdict().get("which") or ""
    if re.search(r"prochain|next|suivant|following", which):
        first = _months_later(clock.on.replace(day=1), 1)
        return _in_month(first.year, first.month, day), "exact", "future"
    if re.search(r"dernier|last|passe|ecoule", which):
        first = _months_later(clock.on.replace(day=1), -1)
        return _in_month(first.year, first.month, day), "exact", "past"
    if re.search(r"\bce|this|courant|current", which):
        return _in_month(clock.on.year, clock.on.month, day), "exact", "nearest"
    return clock.day_of_month(day), "exact", "nearest"


def _edge(match: Match, clock: _Clock) -> _Found:
    """`fin de mois`, `mi-décembre`, `end of next week`: the part of a period, the period and which one."""
    edge = match["edge"]
    words = match["period"]
    side: Side = "nearest"
    further = bool(re.search(r"prochain|next|following|suivant|coming|apres", match[0]))
    earlier = bool(re.search(r"dernier|last|passe", match[0]))
    shift = 1 if further else -1 if earlier else 0
    if further or earlier:
        side = "future" if further else "past"
    if words in ("journee", "day", "matinee", "play", "business"):
        return clock.on + timedelta(days=shift), "exact", "future"
    if re.match("semaine|week", words):
        return (
            _edge_of_week(edge, clock, shift),
            "approximate" if edge[:3] != "end" and edge != "fin" else "exact",
            side,
        )
    first, last = _period(words, match, clock, shift)
    if re.match("fin|end|late|courant|close", edge):
        certainty: Certainty = "approximate" if edge in ("late", "courant") else "exact"
        return last, certainty, side
    if re.match("mi", edge):
        exact = edge.startswith("mi") and not edge.startswith("milieu")
        middle = first.replace(day=15) if (last - first).days < 32 else first + (last - first) // 2
        return middle, "exact" if exact and words not in ("annee", "year") else "approximate", side
    return first + timedelta(days=4), "approximate", side


def _edge_of_week(edge: str, clock: _Clock, shift: int) -> date:
    monday = clock.on - timedelta(days=clock.on.weekday()) + timedelta(weeks=shift)
    if re.match("mi", edge):
        day = monday + timedelta(days=2)
    elif re.match("fin|end|late|courant|close", edge):
        day = monday + timedelta(days=4)
    else:
        day = monday + timedelta(days=1)
    # on a Saturday "the end of the week" is the end of the next one
    return day + timedelta(weeks=1) if shift == 0 and day < clock.on and clock.side != "past" else day


def _period(words: str, match: Match, clock: _Clock, shift: int) -> tuple[date, date]:
    """First and last day of a month, quarter or year."""
    if re.match("mois|month", words):
        first = _months_later(clock.on.replace(day=1), shift)
        edge = match["edge"]
        gone = (first.replace(day=15) if edge.startswith("mi") else first.replace(day=5)) < clock.on
        if shift == 0 and gone and not re.match("fin|end|late|courant|close", edge) and clock.side != "past":
            first = _months_later(first, 1)
        elif clock.side == "past" and shift == 0:
            first = _months_later(first, -1)
        return first, _month_end(first)
    if re.match("trimestre|quarter", words):
        first = _months_later(clock.on.replace(month=(clock.on.month - 1) // 3 * 3 + 1, day=1), 3 * shift)
        return first, _month_end(_months_later(first, 2))
    if re.match("annee|an|year", words):
        return date(clock.on.year + shift, 1, 1), date(clock.on.year + shift, 12, 31)
    return _named_month(words, match.groupdict().get("year"), clock)


def _named_month(name: str, year: str | None, clock: _Clock) -> tuple[date, date]:
    month = _MONTHS[name]
    if year:
        first = date(int(year), month, 1)
    elif clock.side == "past":
        first = date(clock.on.year - (month > clock.on.month), month, 1)
    else:
        ahead = (month - clock.on.month) % 12
        if clock.side == "nearest" and ahead > 8:
            ahead -= 12
        first = _months_later(clock.on.replace(day=1), ahead)
    return first, _month_end(first)


def _whole_month(match: Match, clock: _Clock) -> _Found:
    return _named_month(match["period"], match.groupdict().get("year"), clock)[1], "approximate", "nearest"


def _duration(match: Match, clock: _Clock) -> _Found:
    unit, count = match["unit"], match["count"]
    number = int(count.split("(")[0]) if count[0].isdigit() else 2 if "couple" in count else 1
    back = match.groupdict().get("back") is not None
    certainty: Certainty = "approximate" if back and not re.match("jour|day|j", unit) else "exact"
    if re.search("environ|about|around|quelque|couple", match[0]):
        certainty = "approximate"
    sign = -1 if back else 1
    if match.groupdict().get("business"):
        return add_business_days(clock.on, number), "exact", "future"
    return clock.on + _length(unit, number, clock.on, sign), certainty, "past" if back else "future"


def _length(unit: str, number: int, on: date, sign: int) -> timedelta:
    if unit.startswith("h") and not unit.startswith("huit"):
        return timedelta(days=sign * -(-number // 24))
    if unit.startswith(("mo",)):
        return _months_later(on, sign * number) - on
    days = {"f": 14, "q": 15, "s": 7, "w": 7}.get(unit[0], 8 if unit.startswith("huit") else 1)
    return timedelta(days=sign * number * days)


def _in_words(match: Match, clock: _Clock) -> _Found:
    days = {"huitaine": 8, "quinzaine": 15, "dizaine": 10, "fortnight": 14}
    return clock.on + timedelta(days=days[match["span"]]), "exact", "future"


def _near(match: Match, clock: _Clock) -> _Found:
    word = match["near"]
    for days, pattern in (
        (2, r"apres-demain|apres demain|surlendemain|day after tomorrow"),
        (-2, r"avant-hier|avant hier|day before yesterday"),
        (1, r"demain|tomorrow"),
        (-1, r"hier|yesterday|last night"),
    ):
        if re.search(pattern, word):
            return clock.on + timedelta(days=days), "exact", "past" if days < 0 else "future"
    return clock.on, "exact", "past" if re.search("ce matin|this morning", word) else "nearest"


def _weekday(match: Match, clock: _Clock) -> _Found:
    weekday = _WEEKDAYS[match["weekday"].rstrip(".")]
    before, after = (match["before"] or "").strip(), (match["after"] or "").strip()
    if re.search(r"dernier|passe|last|ecoule", f"{before} {after}"):
        return replace(clock, side="past").weekday(weekday), "exact", "past"
    if re.search(
        r"semaine prochaine|next week|semaine suivante|week after$|following week", f"{after} {before}"
    ):
        return clock.friday(1) + timedelta(days=weekday - 4), "exact", "future"
    if re.search(r"cette semaine|this week", after):
        return clock.friday(0) + timedelta(days=weekday - 4), "exact", "nearest"
    if re.search(r"en 8|^week$", after):
        return replace(clock, side="future").weekday(weekday) + timedelta(weeks=1), "exact", "future"
    if re.search(r"en 15|fortnight", after):
        return replace(clock, side="future").weekday(weekday) + timedelta(weeks=2), "exact", "future"
    day = clock.weekday(weekday)
    if re.search(r"prochain|next|qui vient|coming|suivant|this|^ce\b", f"{before} {after}"):
        day = replace(clock, side="future").weekday(weekday)
        # "next Friday" on a Wednesday: in two days for some, in nine for others
        near = day.isocalendar()[1] == clock.on.isocalendar()[1] and re.search(
            "next|prochain", f"{before} {after}"
        )
        return day, "ambiguous" if near else "exact", "future"
    return day, "exact", "nearest"


def _weekday_and_day(match: Match, clock: _Clock) -> _Found:
    """`vendredi 25`: the one of the coming months on which day and number agree."""
    weekday, day = _WEEKDAYS[match["weekday"].rstrip(".")], int(match["day"])
    months = [_months_later(clock.on.replace(day=1), shift) for shift in range(-6, 7)]
    days = [found for first in months if (found := _in_month(first.year, first.month, day))]
    agreeing = [found for found in days if found.weekday() == weekday]
    if agreeing and (found := clock._pick(list(agreeing))) and abs((found - clock.on).days) < 46:
        return found, "exact", "nearest"
    return clock.day_of_month(day), "ambiguous", "nearest"


def _week(match: Match, clock: _Clock) -> _Found:
    """A week as a whole is kept by its Friday."""
    words = match[0]
    if re.search("prochain|next|suivante|following|coming|apres", words):
        return clock.friday(1), "approximate", "future"
    friday = clock.friday(0)
    return (friday if friday >= clock.on else clock.on), "approximate", "nearest"


def _week_of(match: Match, clock: _Clock) -> _Found:
    day, _, _ = _day_and_month(match, clock) if match["month"] else _day_of_month(match, clock)
    if day is None:
        return None, "exact", "nearest"
    return day + timedelta(days=max(0, 4 - day.weekday())), "approximate", "nearest"


def _numbered_week(match: Match, clock: _Clock) -> _Found:
    number = int(match["number"])
    year = clock.on.year + (clock.side == "future" and number < clock.on.isocalendar()[1])
    return date.fromisocalendar(year, number, 5), "approximate", "nearest"


def _month(match: Match, clock: _Clock) -> _Found:
    shift = 1 if re.search("prochain|next|suivant|following|coming|d'apres", match[0]) else 0
    return (
        _month_end(_months_later(clock.on.replace(day=1), shift)),
        "approximate",
        "future" if shift else "nearest",
    )


def _feast(match: Match, clock: _Clock) -> _Found:
    name = match["feast"]
    if re.match("paques|easter", name):
        days = [easter(clock.on.year + shift) for shift in (-1, 0, 1)]
        return clock._pick(list(days)), "approximate", "nearest"
    month, day = next(
        found
        for pattern, found in (
            ("veille de noel|christmas eve|reveillon", (12, 24)),
            ("noel|christmas|xmas", (12, 25)),
            ("saint-sylvestre|new year's eve", (12, 31)),
            ("", (1, 1)),
        )
        if re.match(pattern, name)
    )
    return clock.day_of_year(month, day), "exact", "nearest"


def _this_month_end(match: Match, clock: _Clock) -> _Found:  # noqa: ARG001 (the signature of every rule)
    return _month_end(clock.on), "exact", "nearest"


def _this_friday(match: Match, clock: _Clock) -> _Found:  # noqa: ARG001 (the signature of every rule)
    return clock.friday(0), "exact", "nearest"


def _same_day(match: Match, clock: _Clock) -> _Found:  # noqa: ARG001 (the signature of every rule)
    return clock.on, "exact", "nearest"


def _no_day(match: Match, clock: _Clock) -> _Found:  # noqa: ARG001 (the signature of every rule)
    return None, "exact", "nearest"


def _rule(pattern: str, read: Callable[[Match, _Clock], _Found]) -> _Rule:
    return re.compile(pattern), read


def _dated_rules() -> Iterator[_Rule]:
    """Days by their number: `15/12`, `le 15`, `December 15th`, `lundi 23`."""
    yield _rule(r"(?<![\d/.-])(?P<year>20\d\d)[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)(?![\d/-])", _iso)
    yield _rule(
        rf"(?:{_W},? (?:(?:the|le) )?)?(?<![\d/.,-])(?P<first>[0-3]?\d)(?P<sign>[/.-])(?P<second>[0-3]?\d)(?P=sign)(?P<year>20\d\d|\d\d)(?![\d/]|[.-]\d)",
        _numeric,
    )
    yield _rule(
        rf"(?:{_W},? (?:(?:the|le) )?)?(?<![\d/.,-])(?!24/7)(?P<first>[0-3]?\d)/(?P<second>[0-3]?\d)(?P<year>(?!))?(?![\d/%]|[.,]\d)",
        _numeric,
    )
    yield _rule(
        r"(?<=\b(?:le|au|du|on|by) )(?P<first>[0-3]?\d)[.-](?P<second>[01]\d)(?P<year>(?!))?(?![\d%€/]|[.,-]\d| ?(?:€|eur|k\b))",
        _numeric,
    )
    yield _rule(
        rf"(?<![\d/.,])[0-3]?\d{_NTH}(?: ?(?:-|/|a|au|et|ou|and|to|or) ?)(?:le |the )?{_DAY}(?: of)? (?P<month>{_M})\.?{_YEAR}",
        _one_of_two_days,
    )
    yield _rule(
        rf"\b(?:le |on |the )?(?P<weekday>{_W}),? (?:(?:the|le) )?{_DAY}{_NOT_A_COUNT}", _weekday_and_day
    )


def _period_rules() -> Iterator[_Rule]:
    """Weeks, months, years and feasts, whole or by their end, beginning and middle."""
    yield _rule(
        rf"(?:{_W},? (?:(?:the|le) )?)?(?<![\d/.,]){_DAY}(?: of| de| du mois de)?[ -]{{0,2}}(?P<month>{_M})\.?{_YEAR}(?P<which> prochain| next year)?",
        _day_and_month,
    )
    yield _rule(
        rf"(?:{_W},? (?:the )?)?\b(?P<month>{_M})\.? (?:the )?{_DAY}(?![:/]\d|[.,]\d| ?(?:€|eur)){_YEAR}",
        _day_and_month,
    )
    yield _rule(
        r"\b(?:on |by |until |before |from |after )?the (?P<day>[0-3]?\d) ?(?:st|nd|rd|th)\b(?! (?:time|reminder|instal|payment|invoice|floor|quarter|party))(?P<which> (?:of )?(?:the |this |next |each |every |last )*month)?",
        _day_of_month,
    )
    yield _rule(
        r"\b(?:on|by|until|before|from|after|around|till) (?P<day>[0-3]?\d) ?(?:st|nd|rd|th)\b", _day_of_month
    )
    yield _rule(
        r"\b(?P<edge>fin|debut|mi|milieu|courant|en cours)(?: |-)(?:(?:du|de|de la|de l'|le|la|l'|d'|de ce|de cette|ce|cette) ?){0,2}"
        rf"(?P<period>mois|semaine|annee|an|trimestre|journee|matinee|{_M})(?: (?:prochaine?|suivante?|derniere?|passee?|d'apres))?\.?{_YEAR}",
        _edge,
    )
    yield _rule(
        r"\b(?P<edge>end|beginning|start|middle|mid|early|late|close)[ -](?:of[ -])?(?:the )?(?:(?:next|this|following|coming|last) )?"
        rf"(?P<period>month|week|year|quarter|day|play|business|{_M})(?: after)?(?! on (?:{_LONG_WEEKDAY}|the))\.?{_YEAR}",
        _edge,
    )
    yield _rule(
        r"\b(?:(?P<nothing>(?!)))?(?P<period>month|week|year|quarter)(?:'s)?[ -](?P<edge>end)\b", _edge
    )
    yield _rule(
        r"\b(?P<period>month)(?P<edge>end)\b|\b(?:eom|fdm|fin m)\b",
        _this_month_end,
    )
    yield _rule(r"\b(?:eow)\b", _this_friday)
    yield _rule(
        rf"\b{_LONG_WEEKDAY} (?:is|est|being|etant) (?:un |a )?(?:(?:bank|public) )?(?:jour )?(?:ferie|holiday)\b",
        _no_day,
    )
    yield _rule(
        r"\b(?:w/c|week commencing|week of|la semaine du|semaine du)(?: the)?(?: "
        + _LONG_WEEKDAY
        + rf")? {_DAY}(?: of)?(?: (?P<month>{_M})\.?{_YEAR})?",
        _week_of,
    )
    yield _rule(
        r"\b(?:semaine|week|sem\.?|s|wk)(?: no\.?| n°)? ?(?P<number>[0-5]\d)\b(?! ?(?:€|eur|jours))",
        _numbered_week,
    )
    yield _rule(
        rf"\b(?:la |dans la |en |courant |cette |the )?(?:semaine (?:prochaine|suivante|d'apres|qui vient)|next week|(?:the )?(?:coming|following) week|cette semaine(?: ci|-ci)?|this week|(?:dans|d'ici|avant) la semaine(?! d[eu]))\b(?! {_LONG_WEEKDAY})",
        _week,
    )
    yield _rule(
        r"\b(?:la )?semaine (?:derniere|passee)\b|\b(?:le )?mois (?:dernier|passe)\b|\blast (?:week|month|year|quarter)\b|\bl'an(?:nee)? (?:dernier|derniere|passee)\b|\b(?:weeks|months|days) ago\b",
        _no_day,
    )
    yield _rule(
        r"\b(?:le |dans le |au |courant )?(?:mois (?:prochain|suivant|qui vient)|next month|the (?:coming|following) month|ce mois(?:-ci| ci)?|this month|dans le mois|courant du mois|dans le courant du mois)\b(?! (?:de|d'))",
        _month,
    )
    yield _rule(
        rf"\b(?:en|courant|in|during|dans le courant de|pour|for|d'ici|by|avant|before|until|sur) (?:le mois de |the month of )?(?P<period>{_LONE_M})\.?(?: (?P<year>20\d\d))?(?! \d)",
        _whole_month,
    )
    yield _rule(
        r"\b(?P<feast>veille de noel|christmas eve|reveillon|noel|christmas|xmas|saint-sylvestre|new year's eve|jour de l'an|nouvel an|new year's day|paques|easter)\b",
        _feast,
    )


def _distance_rules() -> Iterator[_Rule]:
    """Days counted from today: `sous huitaine`, `d'ici 10 jours`, `vendredi prochain`, `hier`."""
    yield _rule(
        r"(?:le|au|du|au plus tard le|the|des le|avant le|around the|vers le) [0-3]?\d(?: - | ou | or | a | au | to )(?:le |the )?"
        + _DAY
        + _NOT_A_COUNT,
        lambda match, clock: (_day_of_month(match, clock)[0], "approximate", "nearest"),
    )
    yield _rule(
        rf"\b(?:le|au|du|des|jusqu'au|d'ici le|d'ici au|pour le|avant le|vers le) {_DAY}{_NOT_A_COUNT}{_NO_MONTH}(?P<which> (?:de chaque mois|de ce mois|du mois(?: (?:prochain|suivant|courant|dernier|en cours))?|courant|prochain|dernier))?",
        _day_of_month,
    )
    yield _rule(
        r"\b(?:eod|cob|dans la journee|dans la matinee|dans l'apres-midi)\b(?! (?:de|du|on|[a-z]+day|[a-z]+di)\b)",
        _same_day,
    )
    yield _rule(
        rf"\b(?:{_IN_TIME}){_FILLING} {_COUNT}{_FILLING} ?(?P<business>(?:working |business )(?=day))?{_UNIT}(?P<business2> (?:ouvres|ouvrables|ouvre|ouvrable))?(?:'? time)?",
        _business_or_plain,
    )
    yield _rule(
        rf"\b{_COUNT} ?(?P<business>working |business )?{_UNIT}(?P<business2> (?:ouvres|ouvrables))? (?:from (?:now|today)|de plus|a compter d'aujourd'hui|time|maximum|max)\b",
        _business_or_plain,
    )
    yield _rule(rf"\b(?P<back>il y a|y a|voila|voici) (?:environ |deja |bien )?{_COUNT} ?{_UNIT}", _duration)
    yield _rule(rf"\b{_COUNT} ?{_UNIT} (?P<back>ago|back|plus tot|earlier)\b", _duration)
    yield _rule(
        rf"\b(?:depuis|ca fait|cela fait|for|since|over|plus de|more than)(?: (?:the )?(?:plus de|more than|over|last|past|environ))? {_COUNT} ?{_UNIT}",
        _no_day,
    )
    yield _rule(
        rf"\b{_COUNT} ?{_UNIT} (?:fin de mois|net|nets|end of month|date de facture|apres|after)\b", _no_day
    )
    yield _rule(
        r"\b(?:sous|d'ici|dans|a|within|in)(?: une| un| la| a)? (?P<span>huitaine|quinzaine|dizaine|fortnight)(?: de jours)?\b",
        _in_words,
    )
    yield _rule(
        r"\b(?P<near>apres[- ]demain|surlendemain|avant[- ]hier|day after tomorrow|(?:the )?day before yesterday|demain|tomorrow|hier|yesterday|"
        r"last night|aujourd'? ?hui|ce jour(?![ -]la)|a l'instant|just now|ce soir|ce midi|ce matin|cet? (?:apres[- ]midi|aprem)|today|tonight|this (?:morning|afternoon|evening))"
        r"(?:'s)?(?: (?:matin|soir|midi|apres[- ]midi|morning|afternoon|evening|night)(?![a-z]))?",
        _near,
    )
    yield _rule(
        rf"(?P<before>\b(?:ce|le|des|this|next|last|coming|following) (?:coming )?)?\b(?P<weekday>{_LONG_WEEKDAY})s?\b(?: (?:matin|soir|midi|apres[- ]midi|morning|afternoon|evening|night|noon))?"
        r"(?P<after> (?:prochain|qui vient|suivant|dernier|passe|de (?:la|cette) semaine(?: prochaine| suivante)?|(?:of )?(?:next|this|the following) week|semaine prochaine|week(?! ?end)|fortnight|en 8|en 15|en quinze))?"
        r"(?! (?:is|est|is not|being|etant) (?:un |a )?(?:(?:bank|public) )?(?:jour )?(?:ferie|holiday))",
        _weekday,
    )


def _business_or_plain(match: Match, clock: _Clock) -> _Found:
    if match.groupdict().get("business") or match.groupdict().get("business2"):
        count = match["count"]
        number = int(count.split("(")[0]) if count[0].isdigit() else 1
        return add_business_days(clock.on, min(number, 400)), "exact", "future"
    return _duration(match, clock)


_RULES: list[_Rule] = [*_dated_rules(), *_period_rules(), *_distance_rules()]
