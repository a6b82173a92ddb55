"""Brings the parties of a file into the books: each is found among the customers, completed, or added."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl
from django.db import connection

from encours.core.customer_book import AmbiguousName, CustomerBook, Entry, own_codes
from encours.core.parties import bank_name, bank_names
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Customer
from encours.store.sequences import take_ids

# details of a customer a file may give, with the longest text the store takes
_DETAILS = {
    "siren": 9, "siret": 14, "vat_number": 20, "street": 200, "postcode": 12, "city": 100, "country": 2, "language": 2,
    "kind": 12, "segment": 60, "sector": 60, "payment_terms": 20,
    "preferred_channel": 20,
}  # fmt: skip
_CONTACT = {"contact": 120, "email": 254, "phone": 40}
_IDENTITIES = ("party", "code", "name", "siren", "siret", "vat_number")
_CUSTOMER = {"id": pl.Int64, "code": pl.String, "name": pl.String, **dict.fromkeys(_DETAILS, pl.String)}
_CUSTOMER_COLUMNS = ", ".join(f"c.{name}" for name in _CUSTOMER)

_CANDIDATES = f"""
SELECT {_CUSTOMER_COLUMNS} FROM store_customer c WHERE c.company_id = %s AND c.id IN (
  SELECT d.id FROM store_customer d JOIN {{staged}} p ON d.company_id = %s AND d.code = p.code
  UNION SELECT d.id FROM store_customer d JOIN {{staged}} p ON d.company_id = %s AND d.siren = p.siren AND p.siren <> ''
  UNION SELECT d.id FROM store_customer d JOIN {{staged}} p ON d.company_id = %s AND d.vat_number = p.vat_number AND p.vat_number <> ''
  UNION SELECT d.id FROM store_customer d JOIN {{staged}} p ON d.company_id = %s AND d.search_name = p.search_name AND p.search_name <> '')
ORDER BY c.id
"""  # fmt: skip
_INSERT = f"""
INSERT INTO store_customer (id, company_id, code, name, search_name, {", ".join(_DETAILS)}, salesperson, policy_id, created_at)
SELECT id, %s, code, name, search_name, {", ".join(_DETAILS)}, '', NULL, now() FROM {{staged}} ORDER BY id
"""
_UPDATE = f"""
UPDATE store_customer c SET code = s.code, name = s.name, search_name = s.search_name,
  {", ".join(f"{name} = s.{name}" for name in _DETAILS)},
  address_returned_at = CASE WHEN (c.street, c.postcode, c.city, c.country) = (s.street, s.postcode, s.city, s.country)
                             THEN c.address_returned_at END
FROM {{staged}} s WHERE c.id = s.id AND c.company_id = %s
"""
_CONTACTS = """
SELECT t.id, t.customer_id, t.name, t.email, t.phone FROM store_contact t JOIN {staged} s ON s.id = t.customer_id
WHERE t.company_id = %s AND t.is_primary
"""
_INSERT_CONTACTS = """
INSERT INTO store_contact (company_id, customer_id, name, email, phone, role, is_primary, bounced_at, email_stop,
                           created_at)
SELECT %s, customer_id, contact, email, phone, '', true, NULL, '', now() FROM {staged} ORDER BY customer_id
"""
_UPDATE_CONTACTS = """
UPDATE store_contact t SET name = s.contact, email = s.email, phone = s.phone,
  bounced_at = CASE WHEN t.email = s.email THEN t.bounced_at END,
  email_stop = CASE WHEN t.email = s.email THEN t.email_stop ELSE '' END,
  text_failed_at = CASE WHEN t.phone = s.phone THEN t.text_failed_at END
FROM {staged} s WHERE t.id = s.id AND t.company_id = %s
"""


# parties of a file whose customer is known without asking again
_REMEMBERED = 200_000


@dataclass
class _Row:
    """A customer as it stands, or is about to."""

    entry: Entry
    details: dict[str, str]
    code_in_store: str = ""
    is_new: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Found:
    """Of the parties of one batch: who each is. `ambiguous` are those whose name several customers have."""

    customer_of: dict[str, int]
    ambiguous: frozenset[str]


@dataclass
class CustomerImport:
    """The customers of one file, batch after batch, in the caller's transaction.

    `find` only looks; `save` writes the parties that turned out to be needed. With `overwrites` (a list of
    customers) what the file says replaces what is known; otherwise it only fills what is empty.
    """

    company: Company
    overwrites: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    _rows: dict[int, _Row] = field(default_factory=dict)
    _book: CustomerBook = field(default_factory=CustomerBook)
    _parties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _waiting: dict[str, tuple[Entry, dict[str, str]]] = field(default_factory=dict)
    _next_temporary: int = -1
    _settled: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def find(self, parties: pl.DataFrame) -> Found:
        """Who the parties (core.invoices.PARTIES) are. New ones have negative ids until they are saved."""
        names = [*_IDENTITIES, *(n for n in _DETAILS if n not in _IDENTITIES), *_CONTACT]
        parties = parties.select(names).with_columns(
            pl.col("code").str.slice(0, 60),
            pl.col("name").str.slice(0, 200),
            *(pl.col(name).str.slice(0, limit) for name, limit in (_DETAILS | _CONTACT).items()),
        )
        found: dict[str, int] = {}
        ambiguous: set[str] = set()
        fresh = []
        for row in parties.iter_rows():
            known = self._settled.get(row[0])
            if known is not None and known[1] == row:
                found[row[0]] = known[0]
            else:
                fresh.append(row)
        self._waiting = {}
        if not fresh:
            return Found(found, frozenset())
        self._load(pl.DataFrame(fresh, schema=dict.fromkeys(names, pl.String), orient="row"))
        for row in fresh:
            details = dict(zip(names, row, strict=True))
            party = Entry(
                0, details["code"], details["name"], details["siren"], details["siret"], details["vat_number"]
            )
            if not party.name:
                party.name = party.code or party.siren or party.vat_number
            try:
                entry = self._book.find(party)
            except AmbiguousName:
                ambiguous.add(row[0])
                continue
            if entry is None:
                entry = Entry(
                    self._next_temporary,
                    self._book.free_code(party),
                    party.name,
                    party.siren,
                    party.siret,
                    party.vat_number,
                )
                self._next_temporary -= 1
                self._book.add(entry)
                self._rows[entry.id] = _Row(entry, self._defaults(), is_new=True)
            else:
                # at once, so that the next party can be known by what this one told
                self._book.learn(entry, party)
            self._waiting[row[0]] = (entry, details)
            self._parties[row[0]] = row
            found[row[0]] = entry.id
        return Found(found, frozenset(ambiguous))

    def save(self, needed: Iterable[str]) -> dict[str, int]:
        """Write those of the last `find` that are needed; {party: id} of all of them, new ones included."""
        touched: dict[int, _Row] = {}
        contacts: dict[int, dict[str, str]] = {}
        saved: list[tuple[str, Entry]] = []
        for key in needed:
            if key not in self._waiting:
                continue
            entry, details = self._waiting[key]
            row = self._rows[entry.id]
            self._complete(row, details)
            if row.is_new or row.changed:
                touched[id(entry)] = row
            else:
                self.unchanged += 1
            if any(details[name] for name in _CONTACT):
                known = contacts.setdefault(id(entry), dict.fromkeys(_CONTACT, ""))
                contacts[id(entry)] = {name: known[name] or details[name] for name in _CONTACT}
            saved.append((key, entry))
        self._write(list(touched.values()))
        by_entry = {id(entry): entry for _, entry in saved}
        self._write_contacts({by_entry[at].id: contact for at, contact in contacts.items()})
        for key, entry in saved:
            self._settled[key] = (entry.id, self._parties[key])
        ids = {key: entry.id for key, (entry, _) in self._waiting.items()}
        self._book, self._rows = CustomerBook(), {}
        if len(self._settled) > _REMEMBERED:
            self._settled.clear()
            self._parties.clear()
        return ids

    def _load(self, parties: pl.DataFrame) -> None:
        """The customers the parties may be."""
        self._book, self._rows = CustomerBook(), {}
        wanted = parties.select("code", "siren", "vat_number", search_name=bank_names(pl.col("name")))
        made = [
            code
            for code, siren, vat, name in parties.select("code", "siren", "vat_number", "name").iter_rows()
            if not code
            for code in own_codes(name=name, siren=siren, vat_number=vat)
        ]
        extra = pl.DataFrame({"code": made}, schema={"code": pl.String}).with_columns(
            siren=pl.lit(""), vat_number=pl.lit(""), search_name=pl.lit("")
        )
        with staged(pl.concat([wanted, extra]).unique()) as table:
            frame = read_frame(_CANDIDATES.format(staged=table), [self.company.pk] * 5, _CUSTOMER)
        for row in frame.iter_rows(named=True):
            entry = Entry(row["id"], row["code"], row["name"], row["siren"], row["siret"], row["vat_number"])
            self._book.add(entry)
            self._rows[entry.id] = _Row(entry, {name: row[name] for name in _DETAILS}, entry.code)

    def _defaults(self) -> dict[str, str]:
        return dict.fromkeys(_DETAILS, "") | self._assumed

    @property
    def _assumed(self) -> dict[str, str]:
        """What a customer is taken for until a file says otherwise."""
        return {
            "country": self.company.country,
            "language": self.company.language,
            "kind": Customer.Kind.COMPANY,
        }

    def _complete(self, row: _Row, details: dict[str, str]) -> None:
        entry = row.entry
        before = (row.code_in_store, entry.name, dict(row.details))
        for name in _DETAILS:
            value = details[name]
            empty = not row.details[name] or row.details[name] == self._assumed.get(name)
            if value and (self.overwrites or empty):
                row.details[name] = value
        if self.overwrites and details["name"]:
            entry.name = details["name"]
        row.changed = row.changed or before != (entry.code, entry.name, row.details)

    def _write(self, rows: list[_Row]) -> None:
        new = [row for row in rows if row.is_new]
        changed = [row for row in rows if not row.is_new]
        for row, id_ in zip(new, take_ids(Customer, len(new)), strict=True):
            row.entry.id = id_
        for some, statement in ((new, _INSERT), (changed, _UPDATE)):
            if not some:
                continue
            frame = pl.DataFrame(
                [
                    {"id": row.entry.id, "code": row.entry.code, "name": row.entry.name,
                     "search_name": bank_name(row.entry.name)[:200], **row.details}
                    for row in some
                ],
                schema={"id": pl.Int64, **dict.fromkeys(("code", "name", "search_name", *_DETAILS), pl.String)},
            )  # fmt: skip
            with staged(frame) as table, connection.cursor() as cursor:
                cursor.execute(statement.format(staged=table), [self.company.pk])
        self.created += len(new)
        self.updated += len(changed)

    def _write_contacts(self, contacts: dict[int, dict[str, str]]) -> None:
        """The primary contact of each customer: added, or completed."""
        if not contacts:
            return
        schema = {
            "id": pl.Int64,
            "customer_id": pl.Int64,
            "name": pl.String,
            "email": pl.String,
            "phone": pl.String,
        }
        with staged(pl.DataFrame({"id": list(contacts)}, schema={"id": pl.Int64})) as table:
            frame = read_frame(_CONTACTS.format(staged=table), [self.company.pk], schema)
        known = {row["customer_id"]: row for row in frame.iter_rows(named=True)}
        new, changed = [], []
        for customer_id, contact in contacts.items():
            row = known.get(customer_id)
            if row is None:
                new.append({"customer_id": customer_id, **contact})
                continue
            old = {"contact": row["name"], "email": row["email"], "phone": row["phone"]}
            if self.overwrites:
                merged = {name: contact[name] or old[name] for name in old}
            else:
                merged = {name: old[name] or contact[name] for name in old}
            if merged != old:
                changed.append({"id": row["id"], **merged})
        for some, key, statement in (
            (new, "customer_id", _INSERT_CONTACTS),
            (changed, "id", _UPDATE_CONTACTS),
        ):
            if some:
                frame = pl.DataFrame(some, schema={key: pl.Int64, **dict.fromkeys(_CONTACT, pl.String)})
                with staged(frame) as table, connection.cursor() as cursor:
                    cursor.execute(statement.format(staged=table), [self.company.pk])
