"""Loads every module that says a sentence, so that stored reasons of any part can be read back."""

import importlib
import pkgutil
from functools import cache

import encours.actions
import encours.core
from encours.ports.registry import bank_feeds, channels, drops, gateways, invoice_sources, live_feeds


@cache
def load_wordings() -> None:
    """Once per process, at the first stored sentence shown. Providers say theirs where they are found."""
    for package in (encours.core, encours.actions):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for registered in (bank_feeds, invoice_sources, channels, drops, gateways, live_feeds):
        registered()
