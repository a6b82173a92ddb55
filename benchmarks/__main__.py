"""Finds the modules `bench_*.py` beside it, runs them, prints their figures and the machine. Writes nothing."""

import argparse
import importlib
import inspect
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import psutil

from benchmarks.figures import Figure


def main() -> int:
    modules = Path(__file__).parent.glob("bench_*.py")
    names = sorted(path.stem.removeprefix("bench_").replace("_", "-") for path in modules)
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--seed", type=int, action="append", help="of seeded benchmarks; several times for several"
    )
    parser.add_argument("--wrong", action="store_true", help="matching: tell each wrong answer on stderr")
    parser.add_argument("--missed", action="store_true", help="and each decidable line left to people")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(names)})")
    measured = {name: _run(name, options) for name in options.names or names}
    if options.json:
        shown = {
            name: [asdict(f) | {"reached": f.reached} for f in figures] for name, figures in measured.items()
        }
        json.dump({"machine": machine(), "benchmarks": shown}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(measured)
    return 0


def _run(name: str, options: argparse.Namespace) -> list[Figure]:
    run = importlib.import_module(f"benchmarks.bench_{name.replace('-', '_')}").run
    offered = {"seeds": options.seed, "wrong": options.wrong, "missed": options.missed}
    return run(**{key: value for key, value in offered.items() if key in inspect.signature(run).parameters})


def machine() -> dict[str, object]:
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / (1 << 30)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        # others' work on the same machine makes wall times longer than they are
        "load_average": [round(load, 1) for load in psutil.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _print(measured: dict[str, list[Figure]]) -> None:
    print(", ".join(f"{key} {value}" for key, value in machine().items()))
    for name, figures in measured.items():
        print(f"\n{name}")
        for figure in figures:
            said = [f"{figure.name:<44} {figure.value:>12,.2f} {figure.unit:<5}"]
            bounds = [("at most", figure.target), ("at least", figure.least)]
            said += [
                f"({word} {bound:g}: {'yes' if figure.reached else 'NO'})"
                for word, bound in bounds
                if bound is not None
            ]
            said += [figure.note] if figure.note else []
            said += [", ".join(f"{name} {value:g}" for name, value in figure.details.items())]
            print("  " + " ".join(each for each in said if each))


if __name__ == "__main__":
    sys.exit(main())
