"""Whether the database has this version's tables."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from encours.store.tenancy import as_owner


def is_up_to_date() -> bool:
    with as_owner():
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
