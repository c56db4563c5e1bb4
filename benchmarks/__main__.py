"""`bin/bench`: measure on this machine, everything in one run; results are ratios more than figures."""

import argparse
import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import version

from benchmarks import fanout
from benchmarks.stacks import ALL


def main() -> None:
    """Run one benchmark and print its results."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("fanout", help="one event to many sockets, beside the peers")
    command.add_argument("--sockets", type=int, default=1000)
    command.add_argument("--rates", type=numbers, default=[10, 50, 200, 1000], help="events a second, like 10,50")
    command.add_argument("--stacks", type=lambda text: text.split(","), default=list(ALL), help=", ".join(ALL))
    command.add_argument("--json", action="store_true", help="print the results as JSON")
    arguments = parser.parse_args()
    if unknown := set(arguments.stacks) - set(ALL):
        parser.error(f"no such stack: {', '.join(sorted(unknown))}")
    results = fanout.run(arguments.stacks, arguments.sockets, arguments.rates)
    if arguments.json:
        print(json.dumps({"results": results, "versions": versions()}))


def numbers(text: str) -> list[int]:
    """Return the whole numbers in a list with commas."""
    return [int(part) for part in text.split(",")]


def versions() -> dict[str, str]:
    """Return what was measured, and on what."""
    packages = ("django", "channels", "channels-redis", "daphne", "uvicorn", "websockets", "redis", "uvloop")
    programs = {name: [name, "--version"] for name in ("node", "nats-server") if shutil.which(name)}
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {cores()} cores",
        **{name: version(name) for name in packages},
        **{
            name: subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            for name, command in programs.items()
        },
    }


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
