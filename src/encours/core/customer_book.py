"""Which customer a party of a file is. One customer seen under several identities is one customer.

The order of trust: the code in the company's own books, then SIREN, then VAT number, then the exact name. Two
codes with one SIREN are two accounts of one legal person and stay two; a customer who came without a code
(from an electronic invoice, say) takes the code that a later file gives it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from encours.core.parties import bank_name

MAX_CODE = 60


@dataclass
class Entry:
    """A customer of the books, or one that is about to be (`id` is then negative)."""

    id: int
    code: str
    name: str
    siren: str = ""
    siret: str = ""
    vat_number: str = ""

    @property
    def named_by_us(self) -> bool:
        """Whether the code was made here, because no file had given one."""
        return self.code in own_codes(name=self.name, siren=self.siren, vat_number=self.vat_number)


class AmbiguousName(Exception):
    """Several customers have this name and nothing else says which one is meant."""


def own_codes(*, name: str, siren: str, vat_number: str) -> list[str]:
    """Codes for a customer without one, best first; the last is all but certain to be free."""
    searched = bank_name(name)
    hashed = f"{searched[:48]}-{sha256(name.casefold().encode()).hexdigest()[:10]}"
    return [code[:MAX_CODE] for code in (siren, vat_number, searched, hashed) if code]


class CustomerBook:
    """Customers by each of their identities. Only those that the parties at hand may be need to be in it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._by_code: dict[str, Entry] = {}
        self._by_siren: dict[str, list[Entry]] = defaultdict(list)
        self._by_vat: dict[str, list[Entry]] = defaultdict(list)
        self._by_name: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        self._by_code[entry.code] = entry
        self._index(entry)

    def _index(self, entry: Entry) -> None:
        for index, value in (
            (self._by_siren, entry.siren),
            (self._by_vat, entry.vat_number),
            (self._by_name, entry.name.casefold()),
        ):
            if value and entry not in index[value]:
                index[value].append(entry)

    def learn(self, entry: Entry, party: Entry) -> None:
        """Identities of the party that the entry did not have yet."""
        if party.code and party.code != entry.code and entry.named_by_us:
            self._by_code.pop(entry.code, None)
            entry.code = party.code
            self._by_code[entry.code] = entry
        entry.siren = entry.siren or party.siren
        entry.siret = entry.siret or party.siret
        entry.vat_number = entry.vat_number or party.vat_number
        self._index(entry)

    def find(self, party: Entry) -> Entry | None:
        """The customer a party is, None for a new one. Raises `AmbiguousName`."""
        if party.code and party.code in self._by_code:
            return self._by_code[party.code]
        for candidates in (self._by_siren.get(party.siren), self._by_vat.get(party.vat_number)):
            for_party = self._possible(party, candidates or [])
            if for_party:
                return self._closest(party, for_party)
        same_name = self._possible(party, self._by_name.get(party.name.casefold()) or [])
        same_name = [entry for entry in same_name if _compatible(entry, party)]
        if len(same_name) > 1:
            if party.code or party.siren or party.vat_number:
                return None
            raise AmbiguousName(party.name)
        return same_name[0] if same_name else None

    def free_code(self, party: Entry) -> str:
        """The party's code, or one made for it."""
        if party.code:
            return party.code
        codes = own_codes(name=party.name, siren=party.siren, vat_number=party.vat_number)
        return next((code for code in codes if code not in self._by_code), codes[-1])

    def _possible(self, party: Entry, candidates: list[Entry]) -> list[Entry]:
        # a party with a code of its own is another account, unless the other code was made here
        return [entry for entry in candidates if not party.code or entry.named_by_us]

    def _closest(self, party: Entry, candidates: list[Entry]) -> Entry:
        def rank(entry: Entry) -> tuple[bool, bool, int]:
            same_place = bool(party.siret) and entry.siret == party.siret
            return not same_place, entry.name.casefold() != party.name.casefold(), abs(entry.id)

        return min(candidates, key=rank)


def _compatible(entry: Entry, party: Entry) -> bool:
    return all(
        not mine or not theirs or mine == theirs
        for mine, theirs in ((entry.siren, party.siren), (entry.vat_number, party.vat_number))
    )
