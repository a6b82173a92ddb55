"""Which of a company's documents a reply speaks of, known by the company's own numbers."""

from collections.abc import Iterable, Mapping

from encours.core.references import normalised_number, number_parts

# fewer letters and digits are found in any text
_MIN_LENGTH = 5
_MIN_TAIL = 3


def documents_cited(*, text: str, announced: Iterable[str], numbers: Mapping[int, str]) -> tuple[int, ...]:
    """Ids of the documents whose number stands in the text, however it is spaced, or whose end alone was announced as a number
    (`facture 118`) and fits only one. `numbers` are those of the documents it may speak of.

    >>> documents_cited(text="la F2026 / 118 est fausse", announced=(), numbers={7: "F-2026-0118", 8: "F-2026-0119"})
    (7,)
    >>> documents_cited(text="la facture 0119", announced=("0119",), numbers={7: "F-2026-0118", 8: "F-2026-0119"})
    (8,)
    """
    written = number_parts(text)
    places: dict[str, list[int]] = {}
    for place, part in enumerate(written):
        places.setdefault(part, []).append(place)
    found = [
        document_id
        for document_id, number in numbers.items()
        if _stands_in(number_parts(number), written, places)
    ]
    for each in announced:
        found += _only_with_end(each, numbers)
    return tuple(dict.fromkeys(found))


def _stands_in(parts: list[str], written: list[str], places: Mapping[str, list[int]]) -> bool:
    if not parts or sum(map(len, parts)) < _MIN_LENGTH or not any(part.isdigit() for part in parts):
        return False
    return any(written[place : place + len(parts)] == parts for place in places.get(parts[0], ()))


def _only_with_end(announced: str, numbers: Mapping[int, str]) -> list[int]:
    wanted = normalised_number(announced)
    ends = [
        document_id
        for document_id, number in numbers.items()
        if normalised_number(number) == wanted
        or (
            announced.isdigit()
            and len(announced) >= _MIN_TAIL
            and (number_parts(number) or [""])[-1] == wanted
        )
    ]
    return ends if len(ends) == 1 else []
