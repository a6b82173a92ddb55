"""A simulation and a replay that are there, each with two sides: what a job would have kept."""

from datetime import date, timedelta

import polars as pl

from encours.core.dunning.costs import message_costs
from encours.core.dunning.outlook import differences, pictured, with_costs
from encours.store.models import Company, Customer, Document, SimulatedMessage, Simulation


def foretold(company: Company, customer: Customer, invoice: Document, *, on: date) -> None:
    """Two reminders and a letter to one customer, under either policy."""
    steps = (
        ("R+1", "reminder_1", "email", 1),
        ("R+8", "reminder_2", "email", 8),
        ("R+15", "formal_notice", "letter", 15),
    )
    for kind in ("simulation", "replay"):
        frames = [_messages(customer, on, steps[: 3 - side]) for side in (0, 1)]
        within = {
            "within_7_days": 1,
            "within_15_days": 1,
            "within_30_days": 1,
            "by_themselves": 1,
            "lines": 3,
        }
        more = {"within": within} if kind == "replay" else {"called_off": 0, "waiting": 1, "held_out": 1}
        simulation = Simulation.objects.create(
            company=company, kind=kind, state="done", asked_by="cli", from_date=on, until_date=on + timedelta(20),
            finished_at="2026-03-02T10:00:00Z",
            options={"policy": "", "against": "ready:health", "compares": True, "pays": "nobody", "approval_days": 1},
            results={
                "sides": [
                    {"policy": name, **pictured(frame), **more} for name, frame in zip(("", "Santé de Lumen"), frames, strict=True)
                ],
                "differences": differences(*frames),
            },
        )  # fmt: skip
        for side, frame in enumerate(frames):
            for row in frame.iter_rows(named=True):
                SimulatedMessage.objects.create(
                    company=company, simulation=simulation, customer=customer, side=side, sent_date=row["sent_date"],
                    channel=row["channel"], template=row["template"], step_code=row["step_code"], currency="EUR",
                    amount_cents=row["amount_cents"], cost_cents=row["cost_cents"], document_ids=[invoice.pk],
                    by_itself_count=int(kind == "replay"), by_itself_days=4 if kind == "replay" else None,
                )  # fmt: skip


def _messages(customer: Customer, on: date, steps) -> pl.DataFrame:
    frame = pl.DataFrame(
        [
            (on + timedelta(days), customer.pk, step, template, channel, 10_000, 1, 0)
            for step, template, channel, days in steps
        ],
        schema={
            "sent_date": pl.Date, "customer_id": pl.Int64, "step_code": pl.String, "template": pl.String,
            "channel": pl.String, "amount_cents": pl.Int64, "document_count": pl.Int64, "by_itself_count": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    return with_costs(frame, message_costs({}))
