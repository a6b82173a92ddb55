"""The lettering of a FEC, and how two letterings agree."""

from pathlib import Path

import pytest

from benchmarks.lettered_accounts import agreement, letter, read_account

LETTERS = {1: "A AA", 2: "A AA", 3: "A AA", 4: "B AA", 5: "B AA"}


def test_agreement_counts_pairs_of_lines() -> None:
    found = agreement([[1, 2], [4, 5]], LETTERS)
    assert (found.proposed, found.right, found.true) == (2, 2, 4)
    assert (found.precision, found.recall) == (100, 50)


def test_groups_that_share_a_line_are_one() -> None:
    assert agreement([[1, 2], [2, 3]], LETTERS).right == 3


def test_a_pair_across_two_letters_or_with_a_line_left_open_is_wrong() -> None:
    found = agreement([[1, 4], [5, 9], [8, 9]], LETTERS)
    assert (found.proposed, found.right) == (3, 0)


@pytest.fixture
def fec(shared_data: Path) -> Path:
    return shared_data / "fec" / "111111111FEC20221231.TXT"


def test_the_account_is_read_whole(fec: Path) -> None:
    account = read_account(fec)
    assert account.receipts.height + account.documents.height + account.differences == 151
    assert len(account.letters) == 115
    assert account.differences == 3
    assert (account.receipts["cents"] < 0).all()


def test_what_is_found_again_was_so(fec: Path) -> None:
    account = read_account(fec)
    decisions = [each for each in letter(account) if each.outcome == "automatic"]
    groups = [[each.line_id, *(line.document_id for line in each.lines)] for each in decisions]
    found = agreement(groups, account.letters)
    assert found.precision > 99
    assert found.recall > 50
