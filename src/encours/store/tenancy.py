"""One company at a time: the scope every read and write of business data happens in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections

from encours.store.postgres.base import current_company, owner_connections


@contextmanager
def company_scope(company_id: int) -> Iterator[None]:
    """Rows of this company and no other exist inside the block; outside any scope there are none at all."""
    token = current_company.set(company_id)
    _tell(company_id)
    try:
        yield
    finally:
        current_company.reset(token)
        _tell(current_company.get())


@contextmanager
def as_owner() -> Iterator[None]:
    """For migrations, backups and doctor: the schema's owner, not bound by row-level security."""
    connections.close_all()
    with owner_connections():
        yield
        connections.close_all()


def _tell(company_id: int | None) -> None:
    if connection.connection is None or connection.needs_rollback:
        return  # a new connection is told when it opens; a broken transaction restores the old value itself
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('encours.company', %s, false)", ["" if company_id is None else str(company_id)]
        )
