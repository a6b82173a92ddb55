"""`encours user`: the people who sign in."""

import sys
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text("user", fr="Personnes : créer.", en="People: create."),
    no_args_is_help=True,
)
BAD_EMAIL = Wording(
    "bad_email",
    fr="« {email} » n'est pas une adresse e-mail.",
    en='"{email}" is no e-mail address.',
)
BAD_ROLE = Wording(
    "bad_role",
    fr="Le rôle « {role} » n'existe pas : {roles}.",
    en='There is no role "{role}": {roles}.',
)
MADE_PASSWORD = Wording("made_password", fr="mot de passe : {password}", en="password: {password}")
ASK_PASSWORD = Wording("ask_password", fr="Mot de passe", en="Password")
ASK_AGAIN = Wording("ask_password_again", fr="Une seconde fois", en="Once more")
PASSWORDS_DIFFER = Wording(
    "passwords_differ",
    fr="Les deux mots de passe ne sont pas les mêmes.",
    en="The two passwords are not the same.",
)
WEAK_PASSWORD = Wording("weak_password", fr="Mot de passe : {detail}", en="Password: {detail}")


@app.callback()
def _group() -> None:
    """A group although it has one command."""


@app.command()
@french(
    "Donner à une personne accès à une société. Le mot de passe d'un nouveau compte est demandé, ou créé et affiché une fois."
)
def create(
    email: Annotated[
        str,
        typer.Option(
            help=help_text("user.email", fr="Adresse pour se connecter.", en="Address to sign in with.")
        ),
    ],
    role: Annotated[
        str,
        typer.Option(
            help=help_text(
                "user.role",
                fr="admin, accountant (comptable), collector (recouvrement) ou viewer (lecture).",
                en="admin, accountant, collector or viewer.",
            )
        ),
    ] = "admin",
    name: Annotated[
        str,
        typer.Option(
            help=help_text("user.name", fr="Nom montré aux collègues.", en="Name shown to colleagues.")
        ),
    ] = "",
    company_slug: CompanyOption = "",
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help=help_text(
                "user.password_stdin",
                fr="Lire le mot de passe sur l'entrée standard.",
                en="Read the password from standard input.",
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Let a person into a company. A new account's password is asked for, or made and printed once."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from encours.actions.invite_user import UnableToInvite, invite_user
        from encours.queries.people import Role, has_account

        try:
            validate_email(email)
        except ValidationError:
            fail(BAD_EMAIL(email=email), as_json=as_json)
        if role not in Role.values:
            fail(BAD_ROLE(role=role, roles=", ".join(Role.values)), as_json=as_json)
        password, is_made = None, False
        if not has_account(email=email):
            password, is_made = _password(password_stdin, as_json=as_json)
            try:
                validate_password(password)
            except ValidationError as error:
                fail(WEAK_PASSWORD(detail=" ".join(error.messages)), as_json=as_json)
        try:
            invite_user(company=chosen, email=email, role=role, name=name, password=password, actor="cli")
        except UnableToInvite as error:
            fail(error.sentence, as_json=as_json)
        answer = {
            "email": email,
            "role": role,
            "company": chosen.slug,
            "password": password if is_made else None,
        }
    if not as_json:
        out.print(f"{email}: {role}, {chosen.name}")
        if is_made:
            out.print(MADE_PASSWORD(password=password).say(language()), markup=False)
    finish({"user": answer}, as_json=as_json)


def _password(from_stdin: bool, *, as_json: bool) -> tuple[str, bool]:
    """The password and whether it was made here: read, asked for at a terminal, else made."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty() and not as_json:
        password = typer.prompt(ASK_PASSWORD().say(language()), hide_input=True)
        if typer.prompt(ASK_AGAIN().say(language()), hide_input=True) != password:
            fail(PASSWORDS_DIFFER(), as_json=False)
        return password, False
    import secrets

    return secrets.token_urlsafe(12), True
