"""The stories of cases end where messages leave: they need the post office of those of reminders."""

from tests.dunning.conftest import post_office  # noqa: F401 (a fixture is found by its name)
