"""The WSGI application granian serves."""

import multiprocessing
import os
import signal
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
application = get_wsgi_application()


def _end_with_parent() -> None:
    """A killed server must not leave a web process behind that keeps its port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
