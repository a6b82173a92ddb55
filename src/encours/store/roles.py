"""Rights of the restricted role the product works under."""

from typing import Any

from django.db import DatabaseError, transaction

from encours.core.wording import Sentence, Wording
from encours.store.postgres.base import APP_ROLE

# The past is only ever added to. The triggers of migration 0002 say the same to everybody else.
APPEND_ONLY = (
    "store_journalentry",
    "store_movement",
    "store_entryline",
    "store_lettering",
    "store_accountingexport",
)


NO_ROLE = Wording(
    "no_database_role",
    fr="Le compte {login} ne peut pas travailler sous le rôle {role} ; un administrateur du serveur lance :"
    " CREATE ROLE {role} NOLOGIN; GRANT {role} TO \"{login}\";  (le premier s'il n'existe pas)",
    en="The login {login} may not work under the role {role}; an administrator of the server runs:"
    ' CREATE ROLE {role} NOLOGIN; GRANT {role} TO "{login}";  (the first unless it exists)',
)


class UnableToTakeRole(Exception):
    """The login may neither create the restricted role nor work under it; `sentence` says what to ask for."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


def grant_app_role(cursor: Any) -> None:
    """Rows of every table, but no change of the schema, and no change of the past. Re-runnable."""
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP_ROLE}")
    for table in APPEND_ONLY:
        cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}")


def create_app_role(cursor: Any) -> None:
    """The role, and the login's right to take it. Re-runnable; roles belong to the server, not to one database."""
    try:
        with transaction.atomic():
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
            # before PostgreSQL 16 a member may always take its role; since then who creates one may not by itself
            privilege = "SET" if cursor.connection.info.server_version >= 160000 else "MEMBER"
            cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [APP_ROLE, privilege])
            if not cursor.fetchone()[0]:
                cursor.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
    except DatabaseError as error:
        cursor.execute("SELECT current_user")
        login = cursor.fetchone()[0]
        raise UnableToTakeRole(NO_ROLE(login=login, role=APP_ROLE)) from error
