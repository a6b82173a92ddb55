"""What messages cost a company, by channel, in cents of its currency: settings, assumed until it says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from encours.core.dunning.policy import CHANNELS

# Assumed where a company says nothing, so that a simulation is not silent about money: letters printed and franked, a
# registered one by an electronic service, a text message, a quarter of an hour of a person for a task.
ASSUMED_CENTS: Mapping[str, int] = {"letter": 200, "registered": 450, "sms": 6, "task": 500}
# Channels that leave on paper.
LETTERS = ("letter",)


@dataclass(frozen=True)
class ChannelCost:
    """One message by a channel. `is_assumed`: the company has not said."""

    channel: str
    cents: int
    is_assumed: bool


def message_costs(stored: Mapping[str, int]) -> tuple[ChannelCost, ...]:
    """The costs of all channels, from what a company says (cents by channel)."""
    return tuple(
        ChannelCost(channel, stored.get(channel, ASSUMED_CENTS.get(channel, 0)), channel not in stored)
        for channel in CHANNELS
    )
