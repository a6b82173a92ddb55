"""Hard bank statements whose truth is known, reconciled: how much is right by itself, by case.

Each seed is a company with months of history that people have confirmed; a month it has never seen is measured. The
seeds the engine was made with are apart from those it is judged on.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.data import in_own_process
from benchmarks.figures import Figure
from benchmarks.statements.mix import TEST_SEEDS
from benchmarks.statements.verdict import Verdict, calibration, tallies, total

SEEDS = TEST_SEEDS[:10]


def run(seeds: list[int] | None = None, wrong: bool = False, missed: bool = False) -> list[Figure]:
    chosen = [str(seed) for seed in seeds or SEEDS]
    asked = [f"--{name}" for name, is_asked in (("wrong", wrong), ("missed", missed)) if is_asked]
    with TemporaryDirectory(prefix="encours-bench-", ignore_cleanup_errors=True) as home:
        # the first start after initdb runs with PostgreSQL's defaults, the second with the product's settings
        in_own_process("encours", "migrate", home=Path(home))
        printed = in_own_process("benchmarks.statements.make_books", *chosen, *asked, home=Path(home))
    measured = json.loads(printed)
    verdicts = [Verdict.of(row) for seed in measured for row in seed["verdicts"]]
    return [*_overall(verdicts, len(chosen)), *_cases(verdicts), *_calibration(verdicts), *_times(measured)]


def _overall(verdicts: list[Verdict], seeds: int) -> list[Figure]:
    receipts = total(verdict for verdict in verdicts if verdict.truth.kind == "receipt")
    others = total(verdict for verdict in verdicts if verdict.truth.kind != "receipt")
    lines = f"{receipts.count} receipts of {seeds} seeds, {receipts.decidable} of them decidable"
    return [
        Figure("receipts settled by themselves", receipts.automatic_rate, "%", least=90, note=lines),
        Figure("the same by value", receipts.as_details().get("automatic by value", 0), "%"),
        Figure(
            "right of what was settled by itself", total(verdicts).precision, "%", least=99.9,
            note=f"{total(verdicts).wrong} of {total(verdicts).automatic} wrong",
        ),
        Figure("right, or among the first three proposals", receipts.first_rate, "%", least=97),
        Figure("no receipt, recognised or taken back", others.automatic_rate, "%", note=f"{others.count} lines"),
    ]  # fmt: skip


def _cases(verdicts: list[Verdict]) -> list[Figure]:
    return [
        Figure(f"{kind}: {case}", tally.automatic_rate, "%", details=tally.as_details())
        for (kind, case), tally in tallies(verdicts).items()
    ]


def _calibration(verdicts: list[Verdict]) -> list[Figure]:
    return [
        Figure(
            f"stated {each.low:g} to {each.high:g}", 100 * each.right / len(each.stated), "%",
            note="right", details={"lines": len(each.stated), "mean stated": round(each.mean, 4)},
        )
        for each in calibration(verdicts)
    ]  # fmt: skip


def _times(measured: list[dict[str, dict[str, dict[str, float]]]]) -> list[Figure]:
    names = list(measured[0]["costs"])
    return [
        Figure(
            f"{name}, mean of a seed", sum(s["costs"][name]["wall_s"] for s in measured) / len(measured), "s",
            note="CPU {:.1f} + {:.1f} s of PostgreSQL".format(*(
                sum(s["costs"][name][key] for s in measured) / len(measured) for key in ("cpu_s", "postgres_cpu_s")
            )),
        )
        for name in names
    ]  # fmt: skip
