"""`encours demo` and `encours serve` as a person starts them: processes of their own, pages opened over HTTP."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from encours.actions.build_demo import PASSWORD, TEAM
from encours.backoffice.navigation import ROOMS

STARTS_WITHIN_SECONDS = 300  # on a busy machine; a few seconds on a quiet one
ANSWERS_WITHIN_SECONDS = 60


@dataclass
class Served:
    """A process that serves, and somebody with a browser's cookies."""

    process: "subprocess.Popen[bytes]"
    address: str
    _cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, form: dict[str, str] | None = None) -> str:
        opener = build_opener(HTTPCookieProcessor(self._cookies))
        request = Request(  # noqa: S310 (our own address)
            self.address + path,
            data=urlencode(form).encode() if form else None,
            headers={"Referer": self.address, "Accept-Language": "fr"},
        )
        with opener.open(request, timeout=ANSWERS_WITHIN_SECONDS) as answer:
            return answer.read().decode()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            assert self.process.poll() is None, "it ended instead of serving"
            try:
                self.get("/compte/login/")
                return
            except URLError:
                assert time.monotonic() < deadline, "nothing is served"
                time.sleep(0.3)

    def sign_in(self, email: str, password: str) -> str:
        """The page one comes to."""
        page = self.get("/compte/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        return self.get(
            "/compte/login/", {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
        )


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder. Below /tmp: the embedded server runs as another user when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="encours-served-"))
    yield folder
    left = folder / "postgres" / "postmaster.pid"
    if left.exists():  # the command was killed: its server is nobody's now
        os.kill(int(left.read_text().split()[0]), signal.SIGINT)
    shutil.rmtree(folder, ignore_errors=True)


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "ENCOURS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "encours.config.settings",
    }  # fmt: skip


@contextlib.contextmanager
def started(home: Path, *arguments: str) -> Iterator[Served]:
    """The command on a free port; ended as Ctrl-C would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "encours", *arguments, "--port", str(port)],
        env=environment(home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        served = Served(process, f"http://127.0.0.1:{port}")
        served.wait_until_up()
        yield served
        process.send_signal(signal.SIGINT)
        assert process.wait(ANSWERS_WITHIN_SECONDS) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def command(home: Path, *arguments: str, said: str = "") -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "encours", *arguments, "--json"],
        env=environment(home), input=said, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def open_every_room(served: Served) -> None:
    """As the rail lists them, each answered in time."""
    rail = re.search(r'<ul class="rail-list">.*?</ul>', served.get("/"), re.DOTALL)
    assert rail is not None
    rooms = re.findall(r'href="([^"]+)"', rail[0])
    assert len(rooms) == len(ROOMS)
    for room in rooms:
        assert "</html>" in served.get(room), room


def test_every_room_opens_right_after_the_demo_was_built(home):
    """Building uses Polars in the process that then serves: pages that read a frame once waited for ever."""
    (home / "demo.json").write_text(json.dumps({"state": "ready"}))
    (home / "demo-files").mkdir()
    (home / "demo-files" / "left.csv").write_text("of the demo before")
    with started(home, "demo", "--reset", "--scale", "0.025", "--on", "2026-03-18") as served:
        assert not (home / "demo-files" / "left.csv").exists()
        assert "Pilotage" in served.sign_in(TEAM[0][0], PASSWORD)
        open_every_room(served)


def test_serve_makes_a_new_installation_and_takes_what_comes_later(home):
    """The first command on an empty folder makes the database; company and people come while it serves."""
    with started(home, "serve", "--no-worker") as served:
        company = command(home, "company", "create", "--name", "Atelier Lumen", "--siren", "732829320")
        assert company["company"]["slug"] == "atelier-lumen"
        person = "lea@lumen.example"
        command(home, "user", "create", "--email", person, "--password-stdin", said="a long enough secret\n")
        served.sign_in(person, "a long enough secret")
        open_every_room(served)
