"""Lives through days to come, or past ones, that somebody asked for."""

from procrastinate.contrib.django import app

from encours.actions.run_simulation import make_simulation
from encours.jobs.scope import RETRY, company_job


@app.task(name="run_simulation", retry=RETRY)
def run_simulation(*, company_id: int, simulation_id: int) -> None:
    """Made again from the start: it keeps nothing until it is done."""
    with company_job(company_id) as company:
        make_simulation(company=company, simulation_id=simulation_id)
