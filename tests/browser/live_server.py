"""The product served by threads of this process, which all end, with their connections, when it is told to."""

import socket
from functools import cache
from threading import Lock, Thread
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

PATIENCE_SECONDS = 30


class LiveServer(ThreadedWSGIServer):
    """Serves from the start; `end()` returns when no thread of it runs any more.

    A browser keeps its connections open, and each has a thread that waits for the next request with a
    database connection of its own: whoever wipes the tables has to hang up on them first.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Quiet)
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._workers: list[Thread] = []
        self.set_app(application())
        self._acceptor = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        worker = Thread(target=self._work, args=(request, client_address), daemon=True)
        with self._lock:
            self._sockets.add(request)
            self._workers = [known for known in self._workers if known.is_alive()] + [worker]
            worker.start()

    def _work(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)  # closes the thread's database connections
        finally:
            with self._lock:
                self._sockets.discard(request)

    def end(self) -> None:
        self.shutdown()
        self._acceptor.join(PATIENCE_SECONDS)
        self.server_close()
        with self._lock:
            for connection in self._sockets:
                _hang_up(connection)
        for worker in self._workers:
            worker.join(PATIENCE_SECONDS)
        left = [worker.name for worker in self._workers if worker.is_alive()]
        assert not left, (
            f"requests are still being answered {PATIENCE_SECONDS} s after the server was ended: {left}"
        )


@cache
def application() -> WSGIHandler:
    """Built once: it looks through all static files."""
    return WSGIHandler()


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # closed by the other side, or by its thread just now


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Requests are not the test's output."""
