"""What would leave if the company were live, told by the commands that send and that go live."""

from typing import TYPE_CHECKING, Any

from encours.cli.output import language, out
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.money import Money
from encours.core.wording import Wording, format_date

if TYPE_CHECKING:
    from encours.queries.test_mode import WouldLeave

TOTAL = Wording(
    "test_mode.total",
    fr="{count} message(s) pour {amount}, le plus ancien prévu le {day}",
    en="{count} messages for {amount}, the oldest planned for {day}",
)
NOTHING = Wording("test_mode.nothing", fr="Rien n'est prêt à partir", en="Nothing is ready to leave")
WAITING = Wording(
    "test_mode.waiting",
    fr="{count} message(s) attendent une validation",
    en="{count} messages wait for approval",
)
MORE = Wording("test_mode.more", fr="… et {count} de plus", en="… and {count} more")


def told_to_people(leaving: "WouldLeave") -> None:
    """Sums by currency, then whom the first go to."""
    said = language()
    for total in leaving.totals:
        amount = Money(total.amount_cents, total.currency)
        out.print(TOTAL(count=total.count, amount=amount, day=total.first_planned_date).say(said))
    if not leaving.totals:
        out.print(NOTHING().say(said))
    for each in leaving.first:
        channel = CHANNEL_NAMES[each.channel]().say(said)
        amount = Money(each.amount_cents, each.currency).format(said)
        day = format_date(each.planned_date, said)
        out.print(f"  {day}\t{each.customer_name}\t{each.step_code}\t{channel}\t{each.recipient}\t{amount}")
    if leaving.count > len(leaving.first):
        out.print(MORE(count=leaving.count - len(leaving.first)).say(said))
    if leaving.waiting_count:
        out.print(WAITING(count=leaving.waiting_count).say(said))


def told_in_json(leaving: "WouldLeave") -> dict[str, Any]:
    """`first` are the first to leave, at most as many as a page shows."""
    return {
        "messages": leaving.count,
        "waiting": leaving.waiting_count,
        "totals": [
            {
                "currency": total.currency,
                "messages": total.count,
                "amount_cents": total.amount_cents,
                "first_planned_date": total.first_planned_date,
                "oldest_due_date": total.oldest_due_date,
            }
            for total in leaving.totals
        ],
        "first": [
            {
                "customer": each.customer_name,
                "channel": each.channel,
                "step": each.step_code,
                "recipient": each.recipient,
                "amount_cents": each.amount_cents,
                "currency": each.currency,
                "planned_date": each.planned_date,
            }
            for each in leaving.first
        ],
    }
