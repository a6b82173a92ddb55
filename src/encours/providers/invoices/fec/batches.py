"""From classified entries to batches of documents, with everything that was refused or doubtful."""

from collections.abc import Iterator

import polars as pl

from encours.core.invoices import DocumentBatch
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording
from encours.ports.files import UnableToReadFile
from encours.providers.invoices.fec.books import book_lines
from encours.providers.invoices.fec.classification import MONEY, OPENING, OTHER, SALE
from encours.providers.invoices.fec.documents import documents, parties, vat, with_documents
from encours.providers.invoices.fec.lettering import unbalanced
from encours.providers.invoices.fec.lines import FecLines
from encours.providers.invoices.fec.settlements import receipts, settlements

_BATCH_LINES = 100_000
_LONGEST_RAW = 2000

NO_CUSTOMERS = Wording(
    "fec_without_customers",
    fr="Ce FEC n'a aucune écriture sur les comptes clients (411) : il n'y a rien à reprendre.",
    en="This FEC has no entry on customers' accounts (411): there is nothing to take.",
)
BAD_AMOUNT = Wording(
    "fec_amount_unreadable",
    fr="Le montant de la ligne ne peut pas être lu (attendu : 1234,56) : l'écriture {entry} est refusée.",
    en="The amount of the line cannot be read (expected: 1234,56): entry {entry} is refused.",
)
BAD_DATE = Wording(
    "fec_date_unreadable",
    fr="La date « {text} » ne peut pas être lue (attendu : AAAAMMJJ) : la ligne est refusée.",
    en="The date “{text}” cannot be read (expected: YYYYMMDD): the line is refused.",
)
ENTRY_UNBALANCED = Wording(
    "fec_entry_unbalanced",
    fr="L'écriture {entry} du journal {journal} ne s'équilibre pas (écart {gap}) : ses lignes clients sont refusées.",
    en="Entry {entry} of journal {journal} does not balance (gap {gap}): its customer lines are refused.",
)
OTHERS_UNBALANCED = Wording(
    "fec_other_entries_unbalanced",
    fr="{count} écritures sans compte client ne s'équilibrent pas ; la première commence à cette ligne. Elles ne"
    " concernent pas les créances.",
    en="{count} entries without a customer account do not balance; the first begins at this line. They do not"
    " concern receivables.",
)
LETTERING_UNBALANCED = Wording(
    "fec_lettering_unbalanced",
    fr="Le lettrage {code} du compte {party} ne s'équilibre pas (écart {gap}) : il est repris jusqu'où il va.",
    en="Lettering {code} of account {party} does not balance (gap {gap}): it is taken as far as it goes.",
)
DOUBTFUL = Wording(
    "fec_doubtful_not_taken",
    fr="Le compte 416 (clients douteux) porte {amount} : ces créances ont quitté le 411 et ne sont pas reprises.",
    en="Account 416 (doubtful customers) carries {amount}: these receivables left 411 and are not taken.",
)
NAMELESS_OPENING = Wording(
    "fec_opening_without_piece",
    fr="{count} à-nouveaux n'ont pas de référence de pièce : si l'exercice précédent est déjà importé, ils y sont déjà"
    " et compteraient deux fois.",
    en="{count} opening items have no piece reference: when the year before is imported already they are there and"
    " would count twice.",
)
READ_AS = {
    SALE: Wording("fec_read_as_sales", fr="Ventes : journaux {journals}.", en="Sales: journals {journals}."),
    MONEY: Wording(
        "fec_read_as_receipts",
        fr="Encaissements : journaux {journals}.",
        en="Receipts: journals {journals}.",
    ),
    OPENING: Wording(
        "fec_read_as_opening",
        fr="À nouveaux, repris comme documents : journaux {journals}.",
        en="Opening items, taken as documents: journals {journals}.",
    ),
    OTHER: Wording(
        "fec_read_as_other",
        fr="Autres opérations sur les comptes clients : journaux {journals}.",
        en="Other operations on customers' accounts: journals {journals}.",
    ),
}


def batches(
    entries: pl.DataFrame, lines: FecLines, *, currency: str, seller_siren: str
) -> Iterator[DocumentBatch]:
    """Batches of whole customers in the order of their first line, then the entries of the whole file as written.

    Raises `UnableToReadFile`.
    """
    receivable = entries.filter(pl.col("is_receivable"))
    if receivable.is_empty():
        raise UnableToReadFile(NO_CUSTOMERS())
    problems = lines.problems + doubtful(lines.frame, currency) + _problems(entries, currency)
    taken = receivable.filter(
        pl.col("date").is_not_null() & ~pl.col("unreadable") & (pl.col("gap") == 0) & (pl.col("cents") != 0)
    )
    taken = with_documents(
        taken.with_columns(
            # without an auxiliary account, the account on 411 itself is the customer
            party=pl.when(pl.col("auxiliary") == "").then("account").otherwise("auxiliary").str.head(60)
        ).with_columns(buyer=_name())
    )
    problems += [
        Problem(
            LETTERING_UNBALANCED(code=code, party=party, gap=Money(gap, currency)),
            line=line,
            field="lettering",
            severity="warning",
        )
        for code, party, gap, line in unbalanced(taken)
        .select("lettering", "party", "gap", "line")
        .iter_rows()
    ]
    problems += _nameless_opening(taken)
    problems.sort(key=lambda problem: problem.line or 0)
    return _in_parts(taken, lines, tuple(problems), _notes(taken), currency, seller_siren)


def doubtful(lines: pl.DataFrame, currency: str) -> list[Problem]:
    """A warning when receivables lie on 416: only 411 is read, and they would seem to be settled."""
    balance = lines.filter(pl.col("account").str.starts_with("416")).select(pl.col("cents").sum()).item()
    if not balance:
        return []
    return [Problem(DOUBTFUL(amount=Money(balance, currency)), severity="warning")]


def _in_parts(
    taken: pl.DataFrame,
    lines: FecLines,
    problems: tuple[Problem, ...],
    notes: tuple[Sentence, ...],
    currency: str,
    seller_siren: str,
) -> Iterator[DocumentBatch]:
    """The first batch carries what is to be said of the whole file."""
    customers = taken.group_by("party").agg(pl.len(), pl.col("line").min()).sort("line")
    customers = customers.select("party", batch=(pl.col("len").cum_sum() - 1) // _BATCH_LINES)
    parts = taken.join(customers, on="party").partition_by("batch", maintain_order=True)
    links = []
    for number, part in enumerate(parts or [taken]):
        links.append(_became(part))
        found = documents(part, currency=currency, seller_siren=seller_siren)
        yield DocumentBatch(
            documents=found,
            parties=parties(part),
            vat=vat(found),
            settlements=settlements(part, currency=currency),
            problems=problems if number == 0 else (),
            notes=notes if number == 0 else (),
        )
    raw = lines.frame.select("line", "raw")
    told = {problem.line for problem in problems}
    for kept, doubts in book_lines(
        raw, pl.concat(links), separator=lines.separator, header=lines.header, told=told
    ):
        yield DocumentBatch(entries=kept, problems=tuple(doubts))


def _became(part: pl.DataFrame) -> pl.DataFrame:
    """What each line on 411 became: a document, or (part of) a receipt. Keys as `book_lines` wants them."""
    money = receipts(part).select("line", "settlement")
    return part.join(money, on="line", how="left", maintain_order="left").select(
        "line",
        "document_type",
        document_number=pl.when(pl.col("document_type").is_not_null()).then("number"),
        settlement="settlement",
    )


def _problems(entries: pl.DataFrame, currency: str) -> list[Problem]:
    """Refused lines of the entries on 411, and how many other entries do not balance."""
    on_customers = entries.filter(pl.col("receivable_lines") > 0)
    amounts = on_customers.filter(pl.col("cents").is_null())
    dates = on_customers.filter(pl.col("date").is_null() & pl.col("is_receivable"))
    gaps = on_customers.filter((pl.col("gap") != 0) & ~pl.col("unreadable") & pl.col("is_receivable"))
    found = [
        Problem(BAD_AMOUNT(entry=entry), line=line, field="amount", raw=raw[:_LONGEST_RAW])
        for entry, line, raw in amounts.select("entry_number", "line", "raw").iter_rows()
    ]
    found += [
        Problem(BAD_DATE(text=text[:40]), line=line, field="entry_date", raw=raw[:_LONGEST_RAW])
        for text, line, raw in dates.select("entry_date", "line", "raw").iter_rows()
    ]
    found += [
        Problem(
            ENTRY_UNBALANCED(entry=entry, journal=journal, gap=Money(gap, currency)),
            line=line,
            field="amount",
            raw=raw[:_LONGEST_RAW],
        )
        for entry, journal, gap, line, raw in gaps.select(
            "entry_number", "journal", "gap", "line", "raw"
        ).iter_rows()
    ]
    others = entries.filter((pl.col("receivable_lines") == 0) & (pl.col("gap") != 0))
    if others.height:
        first = others.sort("line").row(0, named=True)
        sentence = OTHERS_UNBALANCED(count=others["entry"].n_unique())
        found.append(Problem(sentence, line=first["line"], severity="warning"))
    return found


def _nameless_opening(lines: pl.DataFrame) -> list[Problem]:
    """A warning when opening items could not be recognised in the year before."""
    nameless = lines.filter((pl.col("nature") == OPENING) & ~pl.col("named")).sort("line")
    if nameless.is_empty():
        return []
    sentence = NAMELESS_OPENING(count=nameless.height)
    return [Problem(sentence, line=nameless["line"][0], field="number", severity="warning")]


def _notes(lines: pl.DataFrame) -> tuple[Sentence, ...]:
    """Which journals were taken for what, with how many lines on 411."""
    counted = lines.group_by("nature", "journal").len().sort("len", "journal", descending=[True, False])
    by_nature = {
        nature: ", ".join(
            f"{journal} ({count})" for _, journal, count in counted.filter(nature=nature).iter_rows()
        )
        for nature in READ_AS
    }
    return tuple(READ_AS[nature](journals=journals) for nature, journals in by_nature.items() if journals)


def _name() -> pl.Expr:
    name = pl.when(pl.col("auxiliary") == "").then("account_name").otherwise("auxiliary_name")
    return pl.when(name == "").then("party").otherwise(name).str.head(200)
