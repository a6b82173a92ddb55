"""Gives the jobs of a worker that died to the next one, and forgets old ones."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

# a worker tells every ten seconds that it lives
SILENT_SECONDS = 45
KEPT_HOURS = 30 * 24


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 (procrastinate's interface)
    """Jobs are re-runnable: one that was killed half-way starts again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_old_jobs", queueing_lock="forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Failed ones stay for a person to see."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
