"""`encours dunning policy`: policies as YAML documents, in and out."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.markup import escape

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.money import format_cents
from encours.core.problems import Problem
from encours.core.wording import Wording, format_date
from encours.ports.files import system_reason

if TYPE_CHECKING:
    from encours.core.dunning import Policy
    from encours.store.models import Company

_SWITCHED_OFF = Wording(
    "policy.switched_off",
    fr="« {slug} » ne s’applique plus à personne ; les relances déjà préparées restent",
    en='"{slug}" applies to nobody any more; reminders already prepared stay',
)
app = typer.Typer(
    add_completion=False,
    help=help_text(
        "policy",
        fr="Scénarios de relance : vérifier, importer, exporter, choisir.",
        en="Dunning policies: check, import, export, choose.",
    ),
    no_args_is_help=True,
)
NOT_READ = Wording(
    "policy.not_read", fr="{path} ne peut pas être lu : {reason}", en="{path} cannot be read: {reason}"
)
NOT_WRITTEN = Wording(
    "policy.not_written",
    fr="{path} ne peut pas être écrit : {reason}",
    en="{path} cannot be written: {reason}",
)
NO_POLICY = Wording(
    "policy.no_such",
    fr="Il n’y a pas de scénario « {slug} » ; ceux-ci existent : {known}",
    en='There is no policy "{slug}"; these exist: {known}',
)
NO_VERSION = Wording(
    "policy.no_such_version",
    fr="Le scénario « {slug} » n’a pas de version {version}",
    en='Policy "{slug}" has no version {version}',
)
ONE_TARGET = Wording(
    "policy.one_target",
    fr="Dites à quoi : --segment, --customer ou --invoice, l'un des trois.",
    en="Say to what: --segment, --customer or --invoice, one of the three.",
)
_CHECKED = Wording("policy.checked", fr="{slug} : {steps}", en="{slug}: {steps}")
_SAVED = Wording(
    "policy.saved", fr="{slug} : version {version} en vigueur", en="{slug}: version {version} is in force"
)
_SAME = Wording(
    "policy.same",
    fr="{slug} : rien de nouveau, la version {version} dit déjà cela",
    en="{slug}: nothing new, version {version} says so already",
)
_LISTED = Wording(
    "policy.listed", fr="{slug} v{version} — {name} : {steps}", en="{slug} v{version} — {name}: {steps}"
)
_DEFAULT = Wording("policy.default", fr="celui de la société", en="the company's")
_READY = Wording(
    "policy.ready",
    fr="prêts à l’emploi (encours dunning policy use) :",
    en="ready-made (encours dunning policy use):",
)

_FORETOLD = Wording(
    "policy.foretold",
    fr="{before} → {after} envoi(s) ce jour-là, {changed} client(s) touché(s) ; rien n’est enregistré",
    en="{before} → {after} messages that day, {changed} customers affected; nothing is saved",
)
_AND_MORE = Wording(
    "policy.and_more",
    fr="… et {count} autre(s) ; --json les donne tous",
    en="… and {count} more; --json lists them all",
)
_CHANGES = {
    "new": Wording("policy.change_new", fr="envoi en plus", en="new message"),
    "gone": Wording("policy.change_gone", fr="plus d’envoi", en="no message any more"),
    "step": Wording("policy.change_step", fr="autre étape", en="another step"),
    "channel": Wording("policy.change_channel", fr="autre canal", en="another channel"),
    "day": Wording("policy.change_day", fr="autre jour", en="another day"),
    "amount": Wording("policy.change_amount", fr="autre montant", en="another amount"),
}
SHOWN = 30

FileArgument = Annotated[
    Path,
    typer.Argument(
        help=help_text("policy.file", fr="Le document, en YAML.", en="The document, as YAML."),
        metavar="FILE",
    ),
]
DefaultOption = Annotated[
    bool,
    typer.Option(
        "--default",
        help=help_text(
            "policy.default_option",
            fr="En faire le scénario de la société.",
            en="Make it the company's policy.",
        ),
    ),
]


@app.command()
@french("Dire tout ce qui ne va pas dans un document ; ne demande ni base ni société.")
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say all that is wrong with a document; needs neither database nor company."""
    policy, problems = _read(file, as_json=as_json)
    if policy is not None and not as_json:
        out.print(_CHECKED(slug=policy.slug, steps=_codes(policy)).say(language()), markup=False)
    finish(
        {"policy": policy.slug, "steps": _steps(policy)} if policy else {"policy": None, "steps": []},
        problems=problems,
        as_json=as_json,
    )


@app.command("import")
@french("Mettre un document en vigueur, comme nouvelle version ; le même deux fois ne change rien.")
def import_(
    file: FileArgument,
    as_default: DefaultOption = False,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help=help_text(
                "policy.preview",
                fr="Dire pour qui la journée changerait, ne rien enregistrer.",
                en="Say for whom the day would change, save nothing.",
            ),
        ),
    ] = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a document in force as a new version; the same twice changes nothing."""
    policy, problems = _read(file, as_json=as_json)
    if policy is None:
        finish({}, problems=problems, as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        if preview:
            today = day(on, as_json=as_json, company=chosen)
            _preview(chosen, policy, problems, today, as_default=as_default, as_json=as_json)
        _save(chosen, policy, problems, as_default=as_default, as_json=as_json)


@app.command()
@french("Mettre en vigueur un scénario prêt à l’emploi.")
def use(
    slug: Annotated[
        str,
        typer.Argument(
            help=help_text("policy.ready_slug", fr="Son nom court.", en="Its slug."), metavar="SLUG"
        ),
    ],
    as_default: DefaultOption = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a ready-made policy in force."""
    from encours.ports.policy_files import ready_policies

    ready = ready_policies()
    if slug not in ready:
        fail(NO_POLICY(slug=slug, known=", ".join(ready)), as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        _save(chosen, ready[slug], (), as_default=as_default, as_json=as_json)


@app.command()
@french("Écrire un scénario en YAML, tel qu’il est en vigueur ou tel qu’il fut.")
def export(
    slug: Annotated[
        str,
        typer.Argument(
            help=help_text("policy.slug", fr="Nom court du scénario.", en="The policy's slug."),
            metavar="SLUG",
        ),
    ],
    version: Annotated[
        int,
        typer.Option(
            "--version",
            help=help_text("policy.version", fr="Une version d’avant.", en="An earlier version."),
            metavar="N",
        ),
    ] = 0,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help=help_text(
                "policy.to", fr="Dans ce fichier, au lieu de l’écran.", en="Into this file, not the screen."
            ),
            metavar="FILE",
        ),
    ] = None,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a policy as YAML, as it is in force or as it once was."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.ports.policy_files import write_policy_file
        from encours.queries.policies import active_policy, policy_rows, policy_value, policy_version

        found = (
            policy_version(company=chosen, slug=slug, version=version)
            if version
            else active_policy(company=chosen, slug=slug)
        )
        if found is None and version:
            fail(NO_VERSION(slug=slug, version=version), as_json=as_json)
        if found is None:
            known = ", ".join(row.policy.slug for row in policy_rows(company=chosen))
            fail(NO_POLICY(slug=slug, known=known), as_json=as_json)
        text = write_policy_file(policy_value(company=chosen, policy=found))
        answer = {"policy": found.slug, "version": found.version, "document": text}
    if to is not None:
        try:
            to.write_text(text, "utf-8")
        except OSError as error:
            fail(NOT_WRITTEN(path=str(to), reason=system_reason(error)), as_json=as_json)
    elif not as_json:
        sys.stdout.write(text)
    finish(answer, as_json=as_json)


@app.command()
@french(
    "Choisir le scénario d’un segment, d’un client ou d’une facture ; sans nom, il n’en a plus de particulier."
)
def assign(
    slug: Annotated[
        str,
        typer.Argument(
            help=help_text("policy.assigned_slug", fr="Nom court du scénario.", en="The policy's slug."),
            metavar="SLUG",
        ),
    ] = "",
    segment: Annotated[
        str,
        typer.Option(
            "--segment",
            help=help_text("policy.segment", fr="Un segment de clients.", en="A segment of customers."),
        ),
    ] = "",
    customer: Annotated[
        str,
        typer.Option(
            "--customer",
            help=help_text("policy.customer", fr="Un client, par son code.", en="A customer, by code."),
        ),
    ] = "",
    invoice: Annotated[
        str,
        typer.Option(
            "--invoice",
            help=help_text("policy.invoice", fr="Une facture, par son numéro.", en="An invoice, by number."),
        ),
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Choose the policy of a segment, a customer or an invoice; without a slug it has none of its own any more."""
    if sum(map(bool, (segment, customer, invoice))) != 1:
        fail(ONE_TARGET(), as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.assign_policy import UnableToAssignPolicy, assign_policy

        try:
            assign_policy(
                company=chosen, slug=slug, segment=segment, customer=customer, document=invoice, actor="cli"
            )
        except UnableToAssignPolicy as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    finish({"policy": slug, "segment": segment, "customer": customer, "invoice": invoice}, as_json=as_json)


@app.command()
@french("Retirer un scénario : il ne s’applique plus à personne ; l’importer de nouveau le remet en vigueur.")
def off(
    slug: Annotated[
        str,
        typer.Argument(
            help=help_text("policy.off_slug", fr="Nom court du scénario.", en="The policy's slug."),
            metavar="SLUG",
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Switch a policy off: it applies to nobody any more; importing it again puts it back in force."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.switch_off_policy import UnableToSwitchOffPolicy, switch_off_policy

        try:
            last = switch_off_policy(company=chosen, slug=slug, actor="cli")
        except UnableToSwitchOffPolicy as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
        answer = {"policy": last.slug, "version": last.version, "active": last.is_active}
    if not as_json:
        out.print(_SWITCHED_OFF(slug=slug).say(language()), markup=False)
    finish(answer, as_json=as_json)


@app.command("list")
@french("Les scénarios en vigueur, à qui ils s’appliquent, et ceux qui sont prêts à l’emploi.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The policies in force, whom they apply to, and the ready-made ones."""
    from encours.ports.policy_files import ready_policies

    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.policies import policy_rows

        rows = policy_rows(company=chosen)
    ready = ready_policies()
    if not as_json:
        for row in rows:
            said = _LISTED(
                slug=row.policy.slug, version=row.version, name=row.policy.name, steps=_codes(row.policy)
            )
            default = f"  [bold]({_DEFAULT().say(language())})[/]" if row.is_default else ""
            out.print(escape(said.say(language())) + default)
        out.print(f"[dim]{_READY().say(language())}[/]")
        for policy in ready.values():
            out.print(f"  {policy.slug}: {policy.description.get(language(), '')}", markup=False)
    finish(
        {
            "policies": [
                {
                    "policy": row.policy.slug,
                    "name": row.policy.name,
                    "version": row.version,
                    "is_default": row.is_default,
                    "steps": [placed.code for placed in row.policy.timeline],
                    "segments": list(row.segments),
                    "customers": row.customers,
                    "documents": row.documents,
                    "description": row.policy.description.get(language(), ""),
                }
                for row in rows
            ],
            "ready": [
                {
                    "policy": policy.slug,
                    "name": policy.name,
                    "steps": [placed.code for placed in policy.timeline],
                    "description": policy.description.get(language(), ""),
                }
                for policy in ready.values()
            ],
        },
        as_json=as_json,
    )


def _read(file: Path, *, as_json: bool) -> "tuple[Policy | None, tuple[Problem, ...]]":
    from encours.ports.policy_files import MAX_BYTES, read_policy_file

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        fail(NOT_READ(path=str(file), reason=system_reason(error)), as_json=as_json)
    return read_policy_file(content, name=file.name)


def _save(
    chosen: "Company", policy: "Policy", problems: tuple[Problem, ...], *, as_default: bool, as_json: bool
) -> None:
    """Ends the command."""
    from encours.actions.save_policy import save_policy

    saved, is_new = save_policy(company=chosen, policy=policy, is_default=as_default, actor="cli")
    if not as_json:
        said = (_SAVED if is_new else _SAME)(slug=saved.slug, version=saved.version)
        out.print(said.say(language()), markup=False)
    answer: dict[str, Any] = {"policy": saved.slug, "version": saved.version, "is_new": is_new}
    finish(
        answer | {"is_default": saved.is_default, "steps": _steps(policy)}, problems=problems, as_json=as_json
    )


def _preview(
    chosen: "Company",
    policy: "Policy",
    problems: tuple[Problem, ...],
    on: date,
    *,
    as_default: bool,
    as_json: bool,
) -> NoReturn:
    from encours.actions.preview_policy import preview_policy
    from encours.queries.dunning import customer_names

    found = preview_policy(company=chosen, policy=policy, is_default=as_default, on=on)
    names = customer_names(company=chosen, customer_ids=found.changes["customer_id"])
    changes = [_change(row, *names[row["customer_id"]]) for row in found.changes.iter_rows(named=True)]
    before, after = (
        {"messages": len(plan.actions), "receivables": len(plan.lines)}
        for plan in (found.before, found.after)
    )
    if not as_json:
        for change in changes[:SHOWN]:
            _print_change(change)
        if len(changes) > SHOWN:
            out.print(f"[dim]{_AND_MORE(count=len(changes) - SHOWN).say(language())}[/]")
        out.print(
            _FORETOLD(before=before["messages"], after=after["messages"], changed=len(changes)).say(
                language()
            )
        )
    finish(
        {"on": on, "policy": policy.slug, "before": before, "after": after, "changes": changes},
        problems=problems,
        as_json=as_json,
    )


def _change(row: dict[str, Any], code: str, name: str) -> dict[str, Any]:
    from encours.core.dunning import held_sentence

    held = {"reason": row["held_reason"], "until_date": row["held_until_date"], "detail": row["held_detail"]}
    why = held | {"remaining_cents": row["held_cents"], "currency": row["currency"]}
    is_held = row["change"] == "gone" and row["held_reason"] is not None

    def side(prefix: str) -> dict[str, Any] | None:
        if row[f"{prefix}step_code"] is None:
            return None
        names = {"step": "step_code", "channel": "channel", "planned_date": "planned_date"}
        names |= {"amount_cents": "amount_cents", "documents": "document_count"}
        return {key: row[prefix + column] for key, column in names.items()}

    return {
        "change": row["change"],
        "customer": code,
        "customer_name": name,
        "currency": row["currency"],
        "before": side(""),
        "after": side("new_"),
        "reason": held_sentence(why).say(language()) if is_held else "",
    }


def _print_change(change: dict[str, Any]) -> None:
    def told(side: dict[str, Any] | None) -> str:
        if side is None:
            return "—"
        amount = format_cents(side["amount_cents"], change["currency"], language())
        channel = CHANNEL_NAMES[side["channel"]]().say(language())
        return f"{side['step']} {channel} {amount} {format_date(side['planned_date'], language())}"

    said = _CHANGES[change["change"]]().say(language())
    out.print(
        f"[bold]{said}[/]  {escape(change['customer_name'])}  {told(change['before'])} → {told(change['after'])}"
    )
    if change["reason"]:
        out.print(f"    {change['reason']}", markup=False)


def _codes(policy: "Policy") -> str:
    return ", ".join(placed.code for placed in policy.timeline)


def _steps(policy: "Policy") -> list[dict[str, Any]]:
    """What each step does, and its condition in words."""
    return [
        {
            "step": placed.code,
            "clock": placed.step.clock,
            "days": placed.step.days,
            "template": placed.step.template,
            "channels": list(placed.step.channels),
            "approval": placed.step.approval,
            "min_amount_cents": placed.step.min_amount_cents,
            "condition": words.say(language()) if (words := placed.step.condition_words) else "",
        }
        for placed in policy.timeline
    ]
