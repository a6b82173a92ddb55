"""A test that commits leaves nothing behind, and one that leaves a connection behind is told of it."""

from contextlib import suppress
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from encours.actions.create_company import create_company
from encours.store.models import Company
from encours.store.tenancy import as_owner
from tests import wiping


def test_a_held_table_is_wiped_all_the_same_and_the_holder_named(committed_db, monkeypatch):
    monkeypatch.setattr(wiping, "PATIENCE_SECONDS", 1)
    create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    held, done = Event(), Event()

    def hold() -> None:
        with suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) AS looked_at FROM store_company")
            held.set()
            done.wait(30)  # meanwhile the connection is ended
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        with as_owner(), pytest.raises(AssertionError, match="looked_at FROM store_company"):
            wiping.wipe()
    finally:
        done.set()
        holder.join(30)
    assert not Company.objects.exists()


def test_an_append_only_table_is_append_only_again(committed_db):
    with as_owner():
        wiping.wipe()
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'no_truncate'")
            assert {row[0] for row in cursor.fetchall()} == {"O"}
