"""The customers' portal under load: a company with 100,000 open invoices of 5,000 customers, each with a link.

The product serves as it does for real (granian, two processes, the embedded PostgreSQL) and visitors come from many
networks, 200 a second whether the last ones were answered or not. Most open what they owe, some go on to pay. Everybody
shares the machine with the load itself. What a request costs the processors is told beside: it does not depend on others' work.
"""

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.data import in_own_process
from benchmarks.figures import Figure
from benchmarks.invoices import write_invoices_csv

INVOICES, CUSTOMERS = 100_000, 5_000
PER_SECOND, SECONDS = 200, 15
CONNECTIONS, PROCESSES, THREADS = 48, 2, 4
TARGET_MS = 150
START_SECONDS = 120

Paths = list[tuple[str, list[int]]]


def run() -> list[Figure]:
    # below the system's folder for temporary files: the embedded server runs as another user under root
    with tempfile.TemporaryDirectory(prefix="encours-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        home = Path(name, "home")
        home.mkdir()
        links = _made(home)
        with _served(home) as (port, server):
            asyncio.run(_visit(port, _asked(links, PER_SECOND * 3), PER_SECOND))  # nothing is cold
            before = _cpu_seconds(server, home)
            measured = asyncio.run(_visit(port, _asked(links, PER_SECOND * SECONDS), PER_SECOND))
            cpu_s = _cpu_seconds(server, home) - before
    walls, wrong, took = measured
    assert not wrong, f"answered otherwise than by a page: {wrong[:3]}"
    details = {
        "requests": len(walls),
        "per_second": round(len(walls) / took, 1),
        "p50_ms": round(1000 * statistics.median(walls), 1),
        "p95_ms": round(1000 * sorted(walls)[int(0.95 * len(walls))], 1),
        "cpu_ms_per_request": round(1000 * cpu_s / len(walls), 2),
    }
    note = f"{INVOICES:,} open invoices, {CUSTOMERS:,} customers"
    return [
        Figure("a page of the portal, 95th percentile", details["p95_ms"], "ms", TARGET_MS, note, details=details),
        Figure("pages answered", details["per_second"], "per s", least=PER_SECOND * 0.98),
    ]  # fmt: skip


def _made(home: Path) -> Paths:
    csv = home / "invoices.csv"
    write_invoices_csv(csv, invoices=INVOICES, customers=CUSTOMERS)
    in_own_process("encours", "migrate", home=home)
    in_own_process("benchmarks.make_million", str(csv), home=home)
    return json.loads(in_own_process("benchmarks.make_links", home=home))


def _asked(links: Paths, count: int) -> list[str]:
    """What visitors look at: eight of ten what they owe, the others go on to pay."""
    chance, asked = random.Random(20260310), []
    for _ in range(count):
        path, documents = chance.choice(links)
        chosen = "&".join(["devise=EUR", *(f"d={document}:0" for document in documents)])
        page = chance.choices(["", f"payer/?{chosen}", f"virement/?{chosen}", "reglees/"], [80, 12, 5, 3])[0]
        asked.append(path + page)
    return asked


@contextmanager
def _served(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "encours", "serve", "--no-worker", "--port", str(port), "--processes", str(PROCESSES),
        "--threads", str(THREADS),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=os.environ | {"ENCOURS_HOME": str(home)}, stdout=subprocess.DEVNULL
    )
    try:
        _await_port(port, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the product does not listen")


def _cpu_seconds(server: psutil.Process, home: Path) -> float:
    """Of the web processes and of this run's PostgreSQL, ended connections included; not of others on the machine."""
    postmasters = [
        each
        for each in psutil.process_iter(["name", "cmdline"])
        if (each.info["name"] or "").startswith("postgres")
        and str(home) in " ".join(each.info["cmdline"] or ())
    ]
    total = 0.0
    for top in (server, *postmasters):
        for each in (top, *top.children(recursive=True)):
            try:
                times = each.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        ended = top.cpu_times()
        total += ended.children_user + ended.children_system
    return total


async def _visit(port: int, asked: list[str], per_second: int) -> tuple[list[float], list[str], float]:
    """Seconds each request took from the moment it was due, what was not answered by a page, and how long it took in all."""
    due: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    walls: list[float] = []
    wrong: list[str] = []
    started = time.perf_counter()
    workers = [
        asyncio.create_task(_visitor(port, f"127.{rank // 200 + 1}.{rank % 200}.9", due, walls, wrong))
        for rank in range(CONNECTIONS)
    ]
    for rank, path in enumerate(asked):
        at = started + rank / per_second
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((at, path))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return walls, wrong, time.perf_counter() - started


async def _visitor(
    port: int,
    address: str,
    due: "asyncio.Queue[tuple[float, str] | None]",
    walls: list[float],
    wrong: list[str],
) -> None:
    """One connection that is kept, from a network of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    while (asked := await due.get()) is not None:
        at, path = asked
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r\n", 1)[0])
        body = await reader.readexactly(length)
        walls.append(time.perf_counter() - at)
        if not head.startswith("http/1.1 200") or b"</html>" not in body:
            wrong.append(f"{head.splitlines()[0]} {path}")
    writer.close()
