"""The WSGI application granian serves."""

import gc
import multiprocessing
import os
import signal
import threading

from django.core.checks.urls import check_resolver
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from encours.backoffice.wordings import load_wordings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
application = get_wsgi_application()
# every page and provider is loaded before the first request: a bank waits a second for the answer to its notice
check_resolver(get_resolver())
load_wordings()
# what was loaded stays: collections that look at it again and again made one page in twenty wait an eighth of a second
gc.collect()
gc.freeze()


def _end_with_parent() -> None:
    """A killed server must not leave a web process behind that keeps its port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
