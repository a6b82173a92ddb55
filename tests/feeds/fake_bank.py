"""A real HTTP server on 127.0.0.1 that a fake bank answers on, with the troubles banks have."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Refusal(Exception):
    """An answer that is no success: its status, headers and body."""

    def __init__(self, status: int, *, body: Any = None, **headers: str) -> None:
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class FakeBank:
    """`answer(method, path, query, body, headers)` is the bank; `troubles` come first, one per request that it hits.

    A trouble is a status, a `Refusal`, "slow" (no answer within the client's patience), "cut" (the connection breaks in the
    middle of the answer) or "garbage".
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        self.troubles: list[Any] = []
        self.trouble_on = ""  # only for paths that hold this
        self.before_answer: Callable[[str], None] = lambda _: None

    def __enter__(self) -> Any:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                fake._serve(self)

            do_GET = do_POST = do_DELETE = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def asked_for(self, path: str) -> list[dict[str, list[str]]]:
        return [query for _, asked, query in self.asked if asked.endswith(path)]

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: dict[str, str]
    ) -> Any:
        raise NotImplementedError

    def more_headers(self) -> dict[str, str]:
        """Headers of a success."""
        return {}

    def _serve(self, request: Any) -> None:
        parts = urlsplit(request.path)
        query = parse_qs(parts.query)
        length = int(request.headers.get("content-length") or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        self.asked.append((request.command, parts.path, query))
        headers = {name.lower(): value for name, value in request.headers.items()}
        trouble = self.troubles.pop(0) if self.troubles and self.trouble_on in parts.path else None
        try:
            if isinstance(trouble, int):
                raise Refusal(trouble)
            if isinstance(trouble, Refusal):
                raise trouble
            if trouble == "slow":
                time.sleep(1.5)
            self.before_answer(parts.path)
            answer = self.answer(request.command, parts.path, query, body, headers)
            status, more = 200, self.more_headers()
        except Refusal as refusal:
            answer, status, more = refusal.body or {"error": "refused"}, refusal.status, refusal.headers
        content = b"<html>" if trouble == "garbage" else json.dumps(answer).encode()
        try:
            request.send_response_only(status)
            for name, value in more.items():
                request.send_header(name, value)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content[: len(content) // 2] if trouble == "cut" else content)
            if trouble == "cut":
                request.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client was not as patient
