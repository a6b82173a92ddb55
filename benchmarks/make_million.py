"""Imports a list of invoices into an empty data folder, and says what it took. Run in a process of its own."""

import json
import os
import sys
from pathlib import Path

from benchmarks.figures import measured


def main(source: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.create_company import create_company
    from encours.actions.import_file import receive_file, run_import
    from encours.actions.migrate_store import migrate_store
    from encours.store.tenancy import company_scope

    migrate_store()
    company = create_company(name="Bench SAS", siren="732829320", slug="bench", actor="bench")
    with company_scope(company.pk):
        with measured() as cost:
            batch = receive_file(company=company, source=source, actor="bench")
            outcome = run_import(company=company, batch_id=batch.pk)
        again = None
        if "--again" in sys.argv:
            with measured() as again:
                batch = receive_file(company=company, source=source, actor="bench")
                repeated = run_import(company=company, batch_id=batch.pk)
                assert (repeated.created, repeated.unchanged) == (0, outcome.created), repeated
    answer = {"created": outcome.created, "refused": outcome.refused, "cost": cost.as_json()}
    if again is not None:
        answer["again"] = again.as_json()
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
