"""What the columns of a table are called, and which of them mean something to a reader."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from encours.core.wording import Wording

UNKNOWN_COLUMNS = Wording(
    "unknown_columns",
    fr="Les colonnes ne sont pas reconnues : {columns}. Indiquez ce qu'elles contiennent avec"
    ' --map "En-tête=champ" ({fields}) ; ce choix sera retenu.',
    en="The columns are not recognised: {columns}. Say what they hold with"
    ' --map "Header=field" ({fields}); it will be remembered.',
)
UNKNOWN_FIELD = Wording(
    "unknown_field",
    fr="--map : « {field} » n'est pas un champ connu ({fields}).",
    en='--map: "{field}" is no known field ({fields}).',
)
# key of the mapping given by hand for the file at hand, whatever its headers: it wins over the others
BY_HAND = "*"


def folded(text: str) -> str:
    """How headers are compared: lower case, no accents, words of letters and digits parted by one space.

    >>> folded(" N° Facture "), folded("Échéance_(date)"), folded("MontantTTC")
    ('no facture', 'echeance date', 'montant ttc')
    """
    text = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])", " ", text.strip())
    plain = text.replace("°", "o").replace("º", "o").replace("œ", "oe").replace("’", "'").replace("№", "no")
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9%]+", plain.lower()))


def fingerprint(headers: Sequence[str]) -> str:
    """The same for the same headers in the same order, however they are written (hex, 64 characters)."""
    return sha256("\x1f".join(folded(header) for header in headers).encode()).hexdigest()


def unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers as column names: trimmed, never empty, never twice the same ("line" is taken by us)."""
    seen: dict[str, int] = {"line": 1}
    result = []
    for position, header in enumerate(headers, start=1):
        name = " ".join(header.split()) or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1:
            candidate = f"{name} ({seen[name]})"
            if candidate not in seen:
                seen[candidate] = 1
                name = candidate
                break
            seen[name] += 1
        result.append(name)
    return tuple(result)


@dataclass(frozen=True)
class Vocabulary:
    """The headers a kind of table may have.

    `fields` gives the names of each canonical field, best first, in any case and with or without accents;
    when two columns could be one field the better name wins. `needs` are the sets of fields of which one
    must be complete for a row to be the header. A row with a header of `foreign` belongs to another kind.
    """

    kind: str
    fields: Mapping[str, Sequence[str]]
    needs: Sequence[AbstractSet[str]]
    foreign: AbstractSet[str] = field(default_factory=frozenset)

    @cached_property
    def _names(self) -> dict[str, tuple[int, str]]:
        """Folded header -> (rank, field)."""
        names: dict[str, tuple[int, str]] = {}
        for name, headers in self.fields.items():
            for rank, header in enumerate(headers):
                names.setdefault(folded(header), (rank, name))
        return names

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return frozenset(folded(header) for header in self.foreign)

    def recognised(
        self, headers: Sequence[str], mappings: Mapping[str, Mapping[str, str]] | None = None
    ) -> dict[str, str]:
        """{unique header: field} of a row, empty when it is no header of this kind.

        A mapping given by hand or remembered for these headers replaces what would be guessed for the
        columns it names; a field given as "" says that the column is to be left alone.
        """
        mappings = mappings or {}
        chosen = {folded(k): v for k, v in mappings.get(fingerprint(headers), {}).items()}
        chosen |= {folded(k): v for k, v in mappings.get(BY_HAND, {}).items()}
        names = unique(headers)
        by_person = {name: chosen[folded(name)] for name in names if folded(name) in chosen}
        taken = {value for value in by_person.values() if value}
        best: dict[str, tuple[int, str]] = {}
        for name, header in zip(names, headers, strict=True):
            if name in by_person:
                continue
            key = folded(header)
            if key in self._foreign and not by_person:
                return {}
            rank, known = self._names.get(key, (0, ""))
            if known and known not in taken and (known not in best or rank < best[known][0]):
                best[known] = (rank, name)
        guessed = {name: known for known, (_, name) in best.items()}
        result = {
            name: by_person.get(name) or guessed.get(name, "")
            for name in names
            if by_person.get(name) or name in guessed
        }
        present = set(result.values())
        return result if any(needed <= present for needed in self.needs) else {}

    def guessed(self, headers: Sequence[str]) -> dict[str, str]:
        """{unique header: field} of the headers this vocabulary knows, whether or not they are enough."""
        best: dict[str, tuple[int, str]] = {}
        for name, header in zip(unique(headers), headers, strict=True):
            rank, known = self._names.get(folded(header), (0, ""))
            if known and (known not in best or rank < best[known][0]):
                best[known] = (rank, name)
        return {name: known for known, (_, name) in best.items()}

    def is_enough(self, fields: AbstractSet[str]) -> bool:
        """Whether rows with these fields can be read."""
        return any(needed <= fields for needed in self.needs)

    def listed(self) -> str:
        return ", ".join(self.fields)
