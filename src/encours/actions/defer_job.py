"""Puts work into the queue, in the caller's transaction: rolled back, it was never asked for."""

from typing import Any

from django.db import transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task


def defer(name: str, *, company_id: int, beside: str = "", **args: Any) -> bool:
    """Ask for the job `name` (encours.jobs); False when the same job already waits.

    `args` are JSON values. Jobs of one company run one after the other, each may run twice: they are
    re-runnable. A job that waits has not read anything yet, so asking for it again adds nothing. `beside` names a line
    of its own: such jobs run one after the other too, but not after the company's other work.
    """
    lock = f"{beside or 'company'}:{company_id}"
    details = ",".join(f"{key}={value}" for key, value in sorted(args.items()))
    # always Django's connection, inside the worker too, so that the job is part of the transaction
    manager = JobManager(connector=DjangoConnector())
    job = configure_task(
        name=name, job_manager=manager, lock=lock, queueing_lock=f"{name}:{company_id}:{details}"
    )
    try:
        with transaction.atomic():  # a refusal must not break the caller's transaction
            job.defer(company_id=company_id, **args)
    except AlreadyEnqueued:
        return False
    return True
