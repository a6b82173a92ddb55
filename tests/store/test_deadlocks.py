"""What PostgreSQL ended to resolve a deadlock is done again; anything else is not."""

import pytest
from django.db import OperationalError, transaction
from psycopg import errors

from encours.store.deadlocks import again_after_deadlock


class Transfer:
    """Is ended so many times by an error before it goes through."""

    def __init__(self, *, ended: int, by: type[errors.Error] = errors.DeadlockDetected) -> None:
        self.ended, self.by, self.calls = ended, by, 0
        self.run = again_after_deadlock(self._run)

    def _run(self, cents: int) -> int:
        self.calls += 1
        if self.calls <= self.ended:
            raise OperationalError("ended") from self.by("ended")
        return cents


def test_a_transaction_ended_by_a_deadlock_is_done_again(committed_db):
    transfer = Transfer(ended=3)
    assert (transfer.run(12_000), transfer.calls) == (12_000, 4)


def test_at_some_point_it_is_told(committed_db):
    transfer = Transfer(ended=9)
    with pytest.raises(OperationalError):
        transfer.run(1)
    assert transfer.calls == 4


def test_another_error_is_told_at_once(committed_db):
    transfer = Transfer(ended=1, by=errors.LockNotAvailable)
    with pytest.raises(OperationalError):
        transfer.run(1)
    assert transfer.calls == 1


def test_in_a_callers_transaction_the_caller_hears_of_it(committed_db):
    transfer = Transfer(ended=1)
    with pytest.raises(OperationalError), transaction.atomic():
        transfer.run(1)
    assert transfer.calls == 1
