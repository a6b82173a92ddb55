"""Whether the database has this version's tables."""

import pkgutil
from importlib.util import find_spec

from django.apps import apps
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from encours.store.tenancy import as_owner


def is_up_to_date() -> bool:
    """Every command asks: the names of migrations are compared, none of them is imported."""
    with as_owner():
        return _migrations_on_disk() <= MigrationRecorder(connections["default"]).applied_migrations().keys()


def _migrations_on_disk() -> set[tuple[str, str]]:
    """(app, name) of every migration of the installed apps."""
    found = set()
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        spec = find_spec(module) if module else None
        folders = spec.submodule_search_locations if spec else None
        found |= {
            (app.label, each.name) for each in pkgutil.iter_modules(folders or []) if each.name[0] not in "_~"
        }
    return found
