"""Ten thousand payments while processes die: the ledger against what the payment service knows (`benchmarks.payments.chaos`).

Of the service's events a tenth is lost, a seventh comes twice, none in order; one answer in fifty is never heard. Processes are
killed with -9 at named steps and wherever they are hit. In the end every receipt is compared, to the cent.
"""

import json
import tempfile
from pathlib import Path

from benchmarks.data import in_own_process
from benchmarks.figures import Figure

PAYMENTS = 10_000


def run(seeds: list[int] | None = None) -> list[Figure]:
    return [figure for seed in seeds or [1] for figure in _measured(seed)]


def _measured(seed: int) -> list[Figure]:
    # below the system's folder for temporary files: the embedded server runs as another user under root
    with tempfile.TemporaryDirectory(prefix="encours-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        home = Path(name, "home")
        home.mkdir()
        in_own_process("encours", "migrate", home=home)
        done = json.loads(in_own_process("benchmarks.payments.chaos", str(PAYMENTS), str(seed), home=home))
    return [
        Figure("payments", done["payments"], "", least=PAYMENTS * 0.95, note=f"seed {seed}"),
        Figure("charged_twice", done["charged_twice"], "", 0),
        Figure("lost", done["lost"], "", 0),
        Figure("drift_cents", done["drift_cents"], "cents", 0),
        Figure("kills", done["kills"], "", least=100, details=done["died_at"]),
        Figure("  events", done["events"], "", details={"never delivered": done["dropped"]}),
        Figure("  not ended", done["unfinished"], "", 0),
        Figure("  rules of the doctor broken", len(done["broken"]), "", 0, note=", ".join(done["broken"])),
    ]
