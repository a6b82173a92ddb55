"""Replies written for this project, understood: precision and recall of each intent, days, amounts and what the confidence is worth.

The first 423 replies were split by the hash of their text: `held_out` is only measured, `develop` is looked at while rules are made. What was
written later to find faults is in `develop`, so the two are no longer of one size.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from encours.core.replies import Reply, Understanding, understand

LABELLED = Path(__file__).parents[1] / "tests" / "replies" / "labelled"
HALVES = ("develop", "held_out")


@dataclass(frozen=True)
class Answer:
    """A labelled reply beside how it was understood."""

    label: dict[str, Any]
    understood: Understanding

    @property
    def right_intent(self) -> bool:
        return self.understood.intent == self.label["intent"]

    @property
    def right_day(self) -> bool:
        return (self.understood.day.isoformat() if self.understood.day else None) == self.label["date"]

    @property
    def right_amount(self) -> bool:
        return self.understood.amount_cents == self.label["amount_cents"]


def answers(half: str) -> list[Answer]:
    """Every reply of a half, understood on the day it was written."""
    lines = (LABELLED / f"{half}.jsonl").read_text("utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    return [
        Answer(label, understand(Reply(label["text"]), on=date.fromisoformat(label["on"])))
        for label in labels
    ]


def run(wrong: bool = False) -> list[Figure]:
    figures = []
    for half in HALVES:
        started = time.process_time()
        found = answers(half)
        took = time.process_time() - started
        figures += list(_figures(half, found))
        figures.append(
            Figure(f"{half}: time", 1000 * took / len(found), "ms", note="of a processor, per reply")
        )
        if wrong and half == "develop":  # the held-out half stays unseen
            _tell(
                [each for each in found if not (each.right_intent and each.right_day and each.right_amount)]
            )
    return figures


def _figures(half: str, found: list[Answer]) -> Iterator[Figure]:
    yield _share(f"{half}: intents right", [each.right_intent for each in found])
    for intent in sorted({each.label["intent"] for each in found}):
        said = [each for each in found if each.understood.intent == intent]
        true = [each for each in found if each.label["intent"] == intent]
        right = sum(each.right_intent for each in said)
        yield Figure(
            f"{half}: {intent}", 100 * right / max(1, len(true)), "%", note=f"recall, {right} of {len(true)}",
            details={"precision": round(100 * right / max(1, len(said)), 1)},
        )  # fmt: skip
    yield _share(
        f"{half}: days right where there is one", [each.right_day for each in found if each.label["date"]]
    )
    yield _share(
        f"{half}: no day where there is none", [each.right_day for each in found if not each.label["date"]]
    )
    yield _share(
        f"{half}: amounts right where there is one",
        [each.right_amount for each in found if each.label["amount_cents"]],
    )
    yield _share(
        f"{half}: no amount where there is none",
        [each.right_amount for each in found if not each.label["amount_cents"]],
    )
    yield from _calibration(half, found)


def _calibration(half: str, found: list[Answer]) -> Iterator[Figure]:
    """Told and real certainty side by side; the mean distance weighs each step by its replies."""
    distance = 0.0
    for least, most in ((0.0, 0.7), (0.7, 0.85), (0.85, 0.93), (0.93, 1.01)):
        step = [each for each in found if least <= each.understood.confidence < most]
        if step:
            told = sum(each.understood.confidence for each in step) / len(step)
            right = sum(each.right_intent for each in step) / len(step)
            distance += abs(told - right) * len(step) / len(found)
            name = f"{half}: right when {least:g} to {min(most, 1):g} sure"
            yield Figure(
                name, 100 * right, "%", note=f"of {len(step)}", details={"told": round(100 * told, 1)}
            )
    yield Figure(f"{half}: mean distance of told and real", 100 * distance, "%")


def _share(name: str, right: list[bool]) -> Figure:
    return Figure(name, 100 * sum(right) / max(1, len(right)), "%", note=f"{sum(right)} of {len(right)}")


def _tell(found: list[Answer]) -> None:
    for each in found:
        print(
            json.dumps({"label": each.label, "understood": each.understood.as_json()}, ensure_ascii=False),
            file=sys.stderr,
        )
