"""Hands the entries of a period over to the books, as a FEC or in the layout of an accounting package.

A definitive export writes the entries, remembers the period and keeps the file: nothing is booked in that period any
more, and corrections come as entries of the next open day. A draft says the same and leaves no trace.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import polars as pl
from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.post_entries import post_entries
from encours.core.accounting.accounts import Accounts
from encours.core.accounting.fec import ENCODINGS, Separator, fec_blocks, file_name
from encours.core.accounting.layouts import LAYOUTS, layout_file
from encours.core.accounting.lettering import grouped, partial, with_codes
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.queries.accounting import (
    accounts_of,
    entry_lines,
    foreign_movements,
    lines_to_letter,
)
from encours.store.models import AccountingExport, Company

FORMATS = ("fec", *LAYOUTS)
WRONG_PERIOD = Wording(
    "export_wrong_period",
    fr="La période finit ({to}) avant de commencer ({start}).",
    en="The period ends ({to}) before it begins ({start}).",
)
NOT_YET = Wording(
    "export_not_yet",
    fr="La période commence le {start}, après aujourd'hui ({today}) : il n'y a rien à remettre.",
    en="The period begins on {start}, after today ({today}): there is nothing to hand over.",
)
NO_SIREN = Wording(
    "export_no_siren",
    fr="La société n'a pas de SIREN : le nom légal du fichier ne peut pas être formé.",
    en="The company has no SIREN: the file's lawful name cannot be made.",
)
FOREIGN = Wording(
    "export_foreign_currency",
    fr="{count} mouvements en {currency} ne sont pas passés en écritures : aucun cours de change n'est connu.",
    en="{count} movements in {currency} are not booked: no rate of exchange is known.",
)
SHARED_JOURNAL = Wording(
    "export_shared_journal",
    fr="Le journal {code} existe aussi dans les écritures reprises : deux numérotations s'y mêlent. Choisissez un autre"
    " code dans les réglages comptables.",
    en="Journal {code} is also one of the books that were brought in: two sequences of numbers meet there. Choose another"
    " code in the accounting settings.",
)


class UnableToExport(Exception):
    """Nothing was exported; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True)
class Exported:
    """An export: the file's content and what is in it. `export_id` is null for a draft."""

    export_id: int | None
    file_name: str
    content: bytes
    line_count: int
    entry_count: int
    debit_cents: int
    credit_cents: int
    closed_until_date: date | None
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "draft": self.export_id is None,
            "file_name": self.file_name,
            "lines": self.line_count,
            "entries": self.entry_count,
            "debit_cents": self.debit_cents,
            "credit_cents": self.credit_cents,
            "closed_until": self.closed_until_date.isoformat() if self.closed_until_date else None,
            "sha256": sha256(self.content).hexdigest(),
        }


def export_entries(
    *,
    company: Company,
    format: str,
    from_date: date,
    to_date: date,
    on: date,
    actor: str,
    is_draft: bool = False,
    separator: Separator = "tab",
    encoding: str = "utf-8",
) -> Exported:
    """The entries of a period (both days included) in one of `FORMATS`. Raises `UnableToExport`.

    A FEC holds the books that were brought in as well; the other layouts are for those books, and hold ours alone.
    """
    assert format in FORMATS, format
    assert encoding in ENCODINGS, encoding
    if to_date < from_date:
        raise UnableToExport(Problem(WRONG_PERIOD(to=to_date, start=from_date), field="to"))
    if from_date > on and not is_draft:
        raise UnableToExport(Problem(NOT_YET(start=from_date, today=on), field="from"))
    with transaction.atomic():
        post_entries(company=company, until=to_date, on=on)
        exported = _written(company, format, from_date, to_date, is_draft, separator, encoding)
        if is_draft:
            transaction.set_rollback(True)
        else:
            exported = _remember(
                company, exported, format=format, from_date=from_date, to_date=to_date, on=on, actor=actor
            )
    return exported


def _written(
    company: Company,
    format: str,
    from_date: date,
    to_date: date,
    is_draft: bool,
    separator: Separator,
    encoding: str,
) -> Exported:
    accounts = accounts_of(company=company)
    lines = entry_lines(company=company, from_date=from_date, to_date=to_date, books=format == "fec")
    if accounts.partial_lettering == "lower":
        lines = _with_partial_lettering(company, lines, to_date)
    problems = _problems(company, accounts, format, lines, to_date)
    if format == "fec":
        if is_draft:
            lines = lines.with_columns(
                valid_date=pl.when(pl.col("key") < 0).then("valid_date")  # ours are validated when they leave
            )
        content = b"".join(fec_blocks(lines.drop("key"), separator=separator, encoding=encoding))
        name = file_name(siren=company.siren, closing_date=to_date)
    else:
        content = layout_file(lines.drop("key", "extra"), layout=format, currency=company.currency)
        name = f"{company.slug}-{format}-{from_date:%Y%m%d}-{to_date:%Y%m%d}.csv"
    return Exported(
        export_id=None,
        file_name=name,
        content=content,
        line_count=lines.height,
        entry_count=lines.select("journal_code", "entry_number", "entry_date").n_unique(),
        debit_cents=int(lines["debit_cents"].sum()),
        credit_cents=int(lines["credit_cents"].sum()),
        closed_until_date=None,
        problems=problems,
    )


def _with_partial_lettering(company: Company, lines: pl.DataFrame, until: date) -> pl.DataFrame:
    """Small letters on what is settled in part; they are counted anew each time, after those of the books."""
    open_lines, links = lines_to_letter(company=company, until=until)
    found = partial(grouped(open_lines, links))
    if found.is_empty():
        return lines
    codes = with_codes(found, pl.DataFrame(schema={"auxiliary": pl.String, "last_rank": pl.Int64}))
    codes = codes.select(
        key="line", partial_code=pl.col("code").str.to_lowercase(), partial_date="lettered_date"
    )
    free = pl.col("lettering") == ""
    return (
        lines.join(codes, on="key", how="left", maintain_order="left")
        .with_columns(
            lettering=pl.when(free).then(pl.col("partial_code").fill_null("")).otherwise("lettering"),
            lettered_date=pl.when(free).then("partial_date").otherwise("lettered_date"),
        )
        .drop("partial_code", "partial_date")
    )  # fmt: skip


def _problems(
    company: Company, accounts: Accounts, format: str, lines: pl.DataFrame, to_date: date
) -> tuple[Problem, ...]:
    found = []
    if format == "fec" and not company.siren:
        found.append(Problem(NO_SIREN(), field="siren", severity="warning"))
    found += [
        Problem(FOREIGN(count=count, currency=currency), field="currency")
        for currency, count in foreign_movements(
            company=company, from_date=accounts.begin_date, until=to_date
        )
    ]
    own = lines.filter(pl.col("key") > 0)["journal_code"].unique()
    shared = lines.filter((pl.col("key") < 0) & pl.col("journal_code").is_in(own.implode()))["journal_code"]
    found += [
        Problem(SHARED_JOURNAL(code=code), field="journal_code", severity="warning")
        for code in sorted(shared.unique())
    ]
    return tuple(found)


def _remember(
    company: Company,
    exported: Exported,
    *,
    format: str,
    from_date: date,
    to_date: date,
    on: date,
    actor: str,
) -> Exported:
    """The export as it is kept. A period that still runs is closed until yesterday."""
    closed = min(to_date, on - timedelta(days=1))
    file = keep_file(
        company=company,
        name=exported.file_name,
        media_type="text/plain" if format == "fec" else "text/csv",
        content=exported.content,
    )
    export = AccountingExport.objects.create(
        company=company,
        from_date=from_date,
        to_date=to_date,
        closed_until_date=closed,
        format=format,
        file=file,
        file_name=exported.file_name,
        line_count=exported.line_count,
        exported_date=on,
        exported_by=actor,
    )
    record(
        company=company,
        actor=actor,
        action="accounting.exported",
        subject_type="accounting_export",
        subject_id=export.pk,
        data={
            "format": format,
            "from": from_date.isoformat(),
            "to": to_date.isoformat(),
            "closed_until": closed.isoformat(),
            "lines": exported.line_count,
            "sha256": file.sha256,
        },
    )
    return replace(exported, export_id=export.pk, closed_until_date=closed)
