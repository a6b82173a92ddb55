"""The worker's own connections to the queue: the same database, under the same restricted role."""

from procrastinate import PsycopgConnector
from procrastinate.contrib.django.utils import connector_params

from encours.store.postgres.base import APP_ROLE


def worker_connector() -> PsycopgConnector:
    """Connections that take the role when they open. Opened with the worker's event loop."""
    params = connector_params()
    options = f"{params.pop('options', '')} -c role={APP_ROLE}".strip()
    return PsycopgConnector(kwargs=params | {"options": options}, min_size=1, max_size=4)
