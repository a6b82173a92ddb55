"""A real HTTP server on 127.0.0.1 that a fake service answers on, with the troubles services have."""

import json
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass
class Asked:
    """One request. `form` holds the fields of a form, files by their names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    form: dict[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class FakeService:
    """`answer(asked)` gives (status, body): a `dict` is told as JSON. `troubles` come first, one per request: a status, "cut"
    (the connection breaks after the request was worked on) or "slow"."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.troubles: list[Any] = []

    def __enter__(self) -> Any:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                fake._serve(self)

            do_GET = do_POST = do_PUT = handle_one

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

    def answer(self, asked: Asked) -> tuple[int, Any]:
        raise NotImplementedError

    def _serve(self, request: Any) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(
            request.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            headers,
            body,
            _form(headers.get("content-type", ""), body),
        )
        self.asked.append(asked)
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, int):
            status, told = trouble, {"message": "trouble"}
        else:
            status, told = self.answer(asked)
        if trouble == "cut":
            request.connection.close()
            return
        if trouble == "slow":
            time.sleep(2)
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        request.send_response(status)
        request.send_header("content-length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


def _form(kind: str, body: bytes) -> dict[str, Any]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    if not kind.startswith("multipart/form-data"):
        return {}
    parsed = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
    found: dict[str, Any] = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        found[name] = content if part.get_filename() else content.decode()
    return found
