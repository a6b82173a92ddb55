"""`encours dunning`: what is due, what goes into the outbox, what may leave."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from encours.cli import conversion, policies, simulations
from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import format_cents
from encours.core.problems import Problem
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.actions.run_dunning import DunningRun
    from encours.core.dunning import Plan
    from encours.store.models import Company

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "dunning",
        fr="Relances : prévoir, lancer, approuver ; scénarios.",
        en="Reminders: plan, run, approve; policies.",
    ),
    no_args_is_help=True,
)
app.add_typer(policies.app, name="policy")
app.command()(simulations.simulate)
app.command()(simulations.replay)
app.command()(conversion.conversion)
app.command("hold-out")(conversion.hold_out)
SHOWN = 30
# what `core.dunning.action_sentence` looks at
_IN_REASON = (
    "reason",
    "step_code",
    "leading_due_date",
    "days_late",
    "reminded_date",
    "is_fallback",
    "is_preferred",
    "channel",
)
PLANNED = Wording(
    "dunning.run_counts",
    fr="{messages} envoi(s), {receivables} créance(s), {held} retenue(s)",
    en="{messages} messages, {receivables} receivables, {held} held back",
)
APPROVED = Wording("dunning.approved_count", fr="{count} approuvé(s)", en="{count} approved")
AND_MORE = Wording(
    "dunning.and_more",
    fr="… et {actions} envoi(s), {held} retenue(s) ; --json les donne tous",
    en="… and {actions} messages, {held} held back; --json lists them all",
)
_TITLES = (
    Wording("dunning.title_customer", fr="client", en="customer"),
    Wording("dunning.title_step", fr="étape", en="step"),
    Wording("dunning.title_amount", fr="montant", en="amount"),
    Wording("dunning.title_documents", fr="documents", en="documents"),
    Wording("dunning.title_reason", fr="motif", en="reason"),
)
NOTHING_CHOSEN = Wording(
    "nothing_chosen",
    fr="Donnez les numéros des messages, ou --all : l'un ou l'autre.",
    en="Name messages by id, or say --all: one of the two.",
)


@app.command()
@french("Ce qui partirait un jour donné, ce qui est retenu, et pourquoi. N'écrit rien.")
def plan(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """What would go out on a day, what is held back, and why. Writes nothing."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.run_dunning import plan_dunning

        today = day(on, as_json=as_json, company=chosen)
        found = plan_dunning(company=chosen, on=today)
        answer = _answer(chosen, found, limit=None if as_json else SHOWN)
        if as_json:
            answer["ended"] = _ended(chosen, found)
    if not as_json:
        _print_plan(found, answer)
    warnings = [Problem(sentence, severity="warning") for sentence in found.warnings]
    finish({"on": today, **answer}, problems=warnings, as_json=as_json)


@app.command()
@french("Prévoir la journée et mettre ses envois en attente ; relancer n'ajoute rien.")
def run(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Plan the day and put its messages into the outbox; running again adds nothing."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.run_dunning import run_dunning

        today = day(on, as_json=as_json, company=chosen)
        done = run_dunning(company=chosen, on=today, actor="cli")
        stored = _stored(chosen, done) if as_json else []
    if not as_json:
        counts = PLANNED(messages=done.messages, receivables=done.receivables, held=done.held)
        out.print(counts.say(language()))
    warnings = [Problem(sentence, severity="warning") for sentence in done.warnings]
    answer = {
        "on": today,
        "messages": done.messages,
        "receivables": done.receivables,
        "held": done.held,
        "stored": stored,
    }
    finish(answer, problems=warnings, as_json=as_json)


@app.command()
@french(
    "Laisser partir des envois à la prochaine expédition. Les mises en demeure s'approuvent par leur numéro."
)
def approve(
    message_ids: Annotated[
        list[int] | None,
        typer.Argument(
            help=help_text("dunning.message_ids", fr="Envois, par numéro.", en="Messages, by id."),
            metavar="ID…",
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help=help_text(
                "dunning.all",
                fr="Tous ceux qui attendent, sauf ceux qu'une personne doit voir un par un.",
                en="All that wait, except those a person must look at one by one.",
            ),
        ),
    ] = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let messages leave at the next sending. Formal notices are approved by their ids."""
    if bool(message_ids) == everything:
        fail(NOTHING_CHOSEN(), as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.approve_messages import NOT_WAITING, approve_messages

        approved = approve_messages(company=chosen, message_ids=message_ids or None, actor="cli")
    if not as_json:
        out.print(APPROVED(count=len(approved)).say(language()))
    left = sorted(set(message_ids or ()) - set(approved))
    problems = [Problem(NOT_WAITING(id=message_id), field="message_ids") for message_id in left]
    finish({"approved": approved}, problems=problems, as_json=as_json)


def _stored(chosen: "Company", done: "DunningRun") -> list[dict[str, Any]]:
    """The messages a run stored: what the plan says of them, their id, and whether they wait for somebody."""
    return [
        {"id": message_id, "state": "approved" if action["approval"] == "automatic" else "waiting", **action}
        for message_id, action in zip(done.message_ids, _answer(chosen, done.plan)["actions"], strict=True)
    ]


def _answer(chosen: "Company", found: "Plan", limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
    """The actions and what is held back, in words; of each the first, as many as are shown."""
    import polars as pl

    from encours.core.dunning import action_sentence, held_sentence
    from encours.queries.dunning import customer_names, numbers_of

    shown, kept = found.actions.head(limit or len(found.actions)), found.held.sort("document_id", "position")
    kept = kept.head(limit or len(kept))
    lines = found.lines.join(shown.select("action"), on="action", how="semi")
    names = customer_names(
        company=chosen, customer_ids=pl.concat([shown["customer_id"], kept["customer_id"]])
    )
    numbers = numbers_of(company=chosen, document_ids=pl.concat([lines["document_id"], kept["document_id"]]))
    documents: dict[int, dict[str, None]] = {}
    for action, document_id in lines.select("action", "document_id").sort("document_id").iter_rows():
        documents.setdefault(action, {})[numbers[document_id]] = None  # an instalment names its document once
    known: dict[tuple[Any, ...], str] = {}

    def told(row: dict[str, Any]) -> str:
        """Tens of thousands of messages have few different reasons."""
        key = tuple(row[name] for name in _IN_REASON)
        if key not in known:
            known[key] = action_sentence(row).say(language())
        return known[key]

    actions = [
        {
            "customer": names[row["customer_id"]][0],
            "customer_name": names[row["customer_id"]][1],
            "step": row["step_code"],
            "channel": row["channel"],
            "currency": row["currency"],
            "documents": list(documents[row["action"]]),
            "amount_cents": row["amount_cents"],
            "planned_date": row["planned_date"],
            "approval": row["approval"],
            "reason": told(row),
        }
        for row in shown.iter_rows(named=True)
    ]
    held = [
        {
            "document": numbers[row["document_id"]],
            "customer": names[row["customer_id"]][0],
            "step": row["step_code"],
            "amount_cents": row["remaining_cents"],
            "code": row["reason"],
            "reason": held_sentence(row).say(language()),
        }
        for row in kept.iter_rows(named=True)
    ]
    return {"actions": actions, "held": held}


def _ended(chosen: "Company", found: "Plan") -> list[dict[str, Any]]:
    """What came to the end of its policy: a person decides what follows."""
    from encours.queries.dunning import customer_names, numbers_of

    rows = found.ended.sort("document_id", "position")
    names = customer_names(company=chosen, customer_ids=rows["customer_id"])
    numbers = numbers_of(company=chosen, document_ids=rows["document_id"])
    return [
        {
            "document": numbers[row["document_id"]],
            "customer": names[row["customer_id"]][0],
            "step": row["step_code"],
            "date": row["done_date"],
            "amount_cents": row["remaining_cents"],
            "currency": row["currency"],
        }
        for row in rows.iter_rows(named=True)
    ]


def _print_plan(found: "Plan", answer: dict[str, list[dict[str, Any]]]) -> None:
    table = Table(box=None, header_style="bold")
    for place, title in enumerate(_TITLES):
        table.add_column(title().say(language()), justify="right" if place == 2 else "left")
    for row in answer["actions"]:
        amount = format_cents(row["amount_cents"], row["currency"], language())
        table.add_row(row["customer_name"], row["step"], amount, str(len(row["documents"])), row["reason"])
    out.print(table)
    for row in answer["held"]:
        out.print(f"[dim]{row['document']}[/]  {row['reason']}")
    more = max(0, len(found.actions) - SHOWN), max(0, len(found.held) - SHOWN)
    if any(more):
        out.print(f"[dim]{AND_MORE(actions=more[0], held=more[1]).say(language())}[/]")
