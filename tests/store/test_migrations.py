"""A database of an older version comes to this one whole: nothing lost, nothing changed, the checks hold."""

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL
from django.utils import timezone

from encours.actions.create_company import create_company
from encours.queries.doctor import examine, examine_database
from encours.store.models import (
    Attempt,
    ColumnMapping,
    Company,
    Message,
    MessageAttachment,
    Receivable,
    VatLine,
)
from encours.store.postgres.base import owner_connections
from encours.store.tenancy import company_scope
from tests.backoffice.conftest import furnish

OLD = [("store", "0002_rules_in_the_database")]
# nothing to give back: the role of 0002 serves other databases of the server, and its policies and triggers go with
# their tables; what 0011, 0015, 0028 and 0029 fill are columns that go away
ONE_WAY = {
    "0002_rules_in_the_database", "0011_reminder_customer", "0015_message_documents", "0028_policies", "0029_message_approval"
}  # fmt: skip


@pytest.fixture
def life(committed_db: None) -> list[Company]:
    """Two companies with a row in every table, made by the product itself."""
    companies = []
    for slug, siren in (("lumen", "732829320"), ("scierie", "552100554")):
        company = create_company(name=slug.title(), siren=siren, slug=slug, actor="test")
        companies.append(company)
        with company_scope(company.pk):
            house = furnish(company)
            ColumnMapping.objects.create(
                company=company, fingerprint="f" * 64, kind="invoices_csv", columns={"number": "N°"}
            )
            VatLine.objects.create(
                company=company,
                document=house.invoice,
                category="S",
                rate_basis_points=2000,
                base_cents=250_000,
                tax_cents=50_000,
            )
            message = Message.objects.get(pk=house.message.pk)
            Attempt.objects.create(company=company, message=message, number=1, claimed_at=timezone.now())
            MessageAttachment.objects.create(company=company, message=message, file=house.import_batch.file)
    return companies


@pytest.fixture
def older(life: list[Company]) -> Iterator[str]:
    """Alias of a database as version 0002 left it, with the rows of `life` in its columns."""
    alias = "older"
    connection.ensure_connection()
    connections.databases[alias] = connections.databases["default"] | {"NAME": "encours_older"}
    try:
        with owner_connections():
            executor = MigrationExecutor(connections[alias])
            executor.migrate(
                [*(node for node in executor.loader.graph.leaf_nodes() if node[0] != "store"), *OLD]
            )
            _copy_rows(alias)
            yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]
        with owner_connections(), psycopg.connect(**_params("postgres"), autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS encours_older WITH (FORCE)")


def test_nothing_is_lost_or_changed(older: str, life: list[Company]):
    before = _contents(older)
    assert {table for table, (count, _) in before.items() if count < 2} == set()
    columns = _columns(older)
    for _ in range(2):
        executor = MigrationExecutor(connections[older])
        executor.migrate(executor.loader.graph.leaf_nodes())
        assert _contents(older, columns) == before
    assert set(_columns(older)) == {
        model._meta.db_table for model in apps.get_app_config("store").get_models() if model is not Receivable
    }
    assert _broken_checks(older, life) == set()


def _broken_checks(alias: str, companies: list[Company]) -> set[str]:
    """What doctor finds wrong there. The owner looks, so the check of the product's own role is left out."""
    default = connections["default"]
    connections["default"] = connections[alias]
    try:
        checks = [*examine_database()]
        for company in companies:
            with company_scope(company.pk):
                checks += examine(company=company)
    finally:
        connections["default"] = default
    return {check.name for check in checks if not check.ok} - {"row_level_security"}


def test_models_and_migrations_agree(committed_db: None):
    with owner_connections():
        call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


def test_each_statement_has_its_way_back_or_is_known_to_have_none(committed_db: None):
    loader = MigrationExecutor(connection).loader
    one_way = set()
    for (app, name), migration in loader.disk_migrations.items():
        for operation in migration.operations if app == "store" else ():
            if isinstance(operation, RunSQL | RunPython):
                way_back = operation.reverse_sql if isinstance(operation, RunSQL) else operation.reverse_code
                if way_back in (None, RunSQL.noop, RunPython.noop):
                    one_way.add(name)
    assert one_way == ONE_WAY


def _params(database: str) -> dict[str, object]:
    params = connection.get_connection_params()
    return {key: params[key] for key in ("host", "user") if key in params} | {"dbname": database}


def _columns(alias: str) -> dict[str, list[str]]:
    """Columns of every table of ours."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            """SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns
               JOIN information_schema.tables USING (table_schema, table_name)
               WHERE table_schema = 'public' AND table_name LIKE 'store\\_%' AND table_type = 'BASE TABLE'
                 AND table_name NOT IN ('store_user_groups', 'store_user_user_permissions')
               GROUP BY 1"""
        )
        return dict(cursor.fetchall())


def _contents(alias: str, columns: dict[str, list[str]] | None = None) -> dict[str, tuple[int, str]]:
    """Of each table: how many rows, and a digest of all that is in these columns of them."""
    found = {}
    with connections[alias].cursor() as cursor:
        for table, names in (columns or _columns(alias)).items():
            row = f"ROW({', '.join(names)})::text"
            cursor.execute(f"SELECT count(*), md5(string_agg({row}, '|' ORDER BY {row})) FROM {table}")
            found[table] = cursor.fetchone()
    return found


def _copy_rows(alias: str) -> None:
    """With triggers asleep: rollups and the journal's chain come along as they are."""
    with (
        psycopg.connect(**_params(connection.settings_dict["NAME"])) as source,
        psycopg.connect(**_params("encours_older")) as target,
    ):
        target.execute("SET session_replication_role = replica")
        for table, names in _columns(alias).items():
            listed = ", ".join(names)
            with (
                source.cursor().copy(f"COPY {table} ({listed}) TO STDOUT") as rows,
                target.cursor().copy(f"COPY {table} ({listed}) FROM STDIN") as into,
            ):
                for data in rows:
                    into.write(data)
