"""The lettering of a real FEC, taken off and found again: how much of it, and how rightly.

Pairs of lines that belong together are compared: 117 of the 151 lines on 411 were lettered by the accountant.
"""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.lettered_accounts import agreement, letter, read_account
from encours.core.matching.decide import Decision

# Real files nobody here wrote; they lie beside the checkout and are not part of it.
FEC = Path(__file__).parents[2] / "shared" / "data" / "fec" / "111111111FEC20221231.TXT"


def run() -> list[Figure]:
    if not FEC.is_file():
        return [Figure("lettered lines", 0, "", note=f"not measured: {FEC} is not here")]
    account = read_account(FEC)
    decisions = letter(account)
    automatic = [each for each in decisions if each.outcome == "automatic"]
    likely = [each for each in decisions if each.outcome in ("automatic", "proposed")]
    lettered = [line for line in account.receipts["line"] if line in account.letters]
    groups = len(set(account.letters.values()))
    return [
        Figure("lettered lines", len(account.letters), "", note=f"{len(lettered)} receipts among them; {groups} groups"),
        *_figures("settled by themselves", automatic, account.letters),
        *_figures("with the first proposal of the others", likely, account.letters),
        Figure("receipts settled by themselves", 100 * len(automatic) / account.receipts.height, "%",
               note=f"{len(automatic)} of {account.receipts.height}"),
        Figure("lines of cents left out", account.differences, ""),
    ]  # fmt: skip


def _figures(what: str, decisions: list[Decision], letters: Mapping[int, str]) -> list[Figure]:
    groups = [[each.line_id, *(line.document_id for line in each.lines)] for each in decisions]
    found = agreement(groups, letters)
    return [
        Figure(f"{what}: precision", found.precision, "%", note=f"{found.right} of {found.proposed} pairs"),
        Figure(f"{what}: recall", found.recall, "%", note=f"{found.right} of {found.true} pairs"),
    ]
