"""The company's orders and deliveries: projects with a deposit, and work that was done and that nobody invoiced."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from encours.core.business_days import business_day_until
from encours.demo.characters import Customer
from encours.demo.files.tables import write_deliveries, write_orders
from encours.demo.invoices import STANDARD_RATE, Invoice

# one order in so many customers was delivered and not invoiced, half of them long ago
UNBILLED_EVERY = 40
RECENT_DAYS = 75


@dataclass(frozen=True)
class DemoOrder:
    """An order as the company's order program has it; amounts without VAT."""

    number: str
    customer: Customer
    ordered_date: date
    purchase_order: str
    label: str
    net_cents: int
    rate_basis_points: int
    deposit_percent: int

    @property
    def payable_cents(self) -> int:
        return self.net_cents + (self.net_cents * self.rate_basis_points + 5_000) // 10_000


@dataclass(frozen=True)
class DemoDelivery:
    number: str
    order: str
    day: date
    label: str
    net_cents: int


@dataclass
class OrderBook:
    """Sees the documents of the company's life pass and tells the orders they came from."""

    seed: int
    on: date
    _deposits: dict[str, Invoice] = field(default_factory=dict)
    _finals: dict[str, Invoice] = field(default_factory=dict)  # by the deposit they take off

    def see(self, invoice: Invoice) -> None:
        if invoice.type == "deposit":
            self._deposits[invoice.number] = invoice
        for line in invoice.lines:
            if (
                invoice.type == "invoice"
                and line.label.startswith("Acompte ")
                and line.label.endswith(" déduit")
            ):
                self._finals[line.label.split()[1]] = invoice

    def write(self, folder: Path, customers: list[Customer]) -> tuple[Path, Path]:
        """The files of orders and of deliveries, both as they are on the last day."""
        orders, deliveries = self._projects()
        more, done = self._unbilled(customers)
        paths = folder / "commandes.csv", folder / "livraisons.csv"
        write_orders(paths[0], sorted((*orders, *more), key=lambda order: (order.ordered_date, order.number)))
        write_deliveries(paths[1], sorted((*deliveries, *done), key=lambda each: (each.day, each.number)))
        return paths

    def _projects(self) -> tuple[list[DemoOrder], list[DemoDelivery]]:
        orders, deliveries = [], []
        for number, deposit in self._deposits.items():
            # the order program came with the customers' order numbers; of the rest only the latest is kept there
            is_recent = deposit.issue_date >= self.on - timedelta(days=RECENT_DAYS)
            if not deposit.order and not is_recent:
                continue
            rng = Random(f"order/{self.seed}/{number}")
            order = DemoOrder(
                number=f"CMD-{number[2:]}",
                customer=deposit.customer,
                ordered_date=business_day_until(deposit.issue_date - timedelta(days=rng.randint(1, 9))),
                purchase_order=deposit.order,
                label=deposit.lines[0].label.removeprefix("Acompte 30 % : "),
                net_cents=deposit.net_cents * 10 // 3,
                rate_basis_points=deposit.rate_basis_points,
                deposit_percent=30,
            )
            orders.append(order)
            final = self._finals.get(number)
            half = order.net_cents // 2
            last = final.issue_date - timedelta(days=rng.randint(1, 6)) if final else None
            if last:
                first = max(deposit.issue_date, last - timedelta(days=25))
                deliveries.append(
                    DemoDelivery(f"PV-{number[2:]}-1", order.number, first, "Lot 1 réceptionné", half)
                )
                deliveries.append(
                    DemoDelivery(
                        f"PV-{number[2:]}-2", order.number, last, "Lot 2 réceptionné", order.net_cents - half
                    )
                )
        return orders, deliveries

    def _unbilled(self, customers: list[Customer]) -> tuple[list[DemoOrder], list[DemoDelivery]]:
        """Work that was accepted and that nobody invoiced: some of last week, some that was forgotten."""
        orders, deliveries = [], []
        able = [each for each in customers if each.country == "FR" and each.kind == "company"]
        for rank in range(max(2, len(customers) // UNBILLED_EVERY)):
            known = able[rank * 7 % len(able)]
            rng = Random(f"unbilled/{self.seed}/{rank}")
            days = rng.randint(38, 75) if rank % 2 == 0 else rng.randint(3, 12)
            day = business_day_until(self.on - timedelta(days=days))
            net = round(max(90_000, known.usual_cents), -4)
            order = DemoOrder(
                number=f"CMD-{self.on:%Y}-9{rank:04d}", customer=known, ordered_date=day - timedelta(days=30),
                purchase_order="", label="Audit et plan d'action", net_cents=net, rate_basis_points=STANDARD_RATE,
                deposit_percent=0,
            )  # fmt: skip
            orders.append(order)
            deliveries.append(
                DemoDelivery(f"PV-{self.on:%Y}-9{rank:04d}", order.number, day, "Rapport remis", net)
            )
        return orders, deliveries
