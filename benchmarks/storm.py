"""`bin/bench storm`: break a running Bellwire under load, in full size, and count what its pages show.

These are the faults of `tests/faults`. A run is repeated by its seed; whatever is not 0 is a broken promise, and what
the site has printed is kept then.
"""

import argparse
import contextlib
import dataclasses
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django
import uvloop

from benchmarks import databases, machine, tables
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.tables import Column, Row
from tests.faults import registry
from tests.faults.registry import Fault
from tests.faults.site import Site

HELP = "faults under load, and what the pages then show"
SOCKETS = 1000
COLUMNS = [
    Column("fault", "fault", width=5),
    Column("scenario", "scenario", width=30),
    Column("site", "site", width=17),
    Column("seed", "seed", width=10),
    Column("messages", "messages", tables.whole),
    Column("lost", "lost", tables.whole),
    Column("dup", "dup", tables.whole),
    Column("inversions", "inv", tables.whole),
    Column("leak", "leak", tables.whole),
    Column("problems", "problems", lambda problems: str(len(problems))),
    Column("post_p99_ms", "post p99 ms", tables.whole),
    Column("delay_p99_ms", "shown p99 ms", tables.whole),
    Column("worst_ms", "worst ms", tables.whole, width=8),
    Column("seconds", "seconds", tables.whole),
]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--faults", type=lambda text: text.upper().split(","), help="which, like F1,F6; else all")
    command.add_argument("--seed", type=int, default=random.randrange(1, 1 << 31), help="repeats a run's dice")
    command.add_argument("--size", choices=["full", "ordinary"], default="full", help="ordinary: as in bin/test")
    command.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
    command.add_argument("--database", choices=databases.NAMES, default=SQLITE, help="see TEST_DATABASE_URL")


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Run every part of the faults, each on a site of its own."""
    if arguments.database == POSTGRESQL and (lack := databases.lacks(os.environ.get("TEST_DATABASE_URL", ""))):
        sys.exit(f"{POSTGRESQL} cannot be used: {lack}")
    machine.allow_files(SOCKETS)
    faults = load()
    if unknown := set(arguments.faults or ()) - set(faults):
        sys.exit(f"There is no {', '.join(sorted(unknown))}, but {', '.join(faults)}.")
    for fault in (part for name in arguments.faults or faults for part in faults[name]):
        yield outcome(fault, arguments)


def load() -> dict[str, list[Fault]]:
    """Return the faults by name; they read constants of the product, which wants its settings."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ |= {"STATE_DIR": directory, "DJANGO_SETTINGS_MODULE": "project.settings"}
        django.setup()
        return registry.load()


def outcome(fault: Fault, arguments: argparse.Namespace) -> Row:
    """Run one scenario; its site is removed unless something is wrong."""
    spec = dataclasses.replace(fault.spec, server=arguments.server, database=arguments.database)
    size = fault.full if arguments.size == "full" else fault.ordinary
    directory = Path(tempfile.mkdtemp(prefix="bellwire-storm-"))
    # The ledger's own line is for whoever watches; standard output is for the results.
    with contextlib.redirect_stdout(sys.stderr), Site(directory, spec) as site:
        began_at = time.monotonic()
        verdict = uvloop.run(fault.scenario(site, size, arguments.seed))
        seconds = time.monotonic() - began_at
        log = str(site.log_file)
    if verdict.is_clean:
        shutil.rmtree(directory, ignore_errors=True)
    return {
        "fault": fault.name,
        "scenario": fault.scenario.__name__,
        "site": f"{spec.database}-{spec.server}",
        **{name: getattr(verdict, name) for name in ("seed", "messages", "lost", "dup", "inversions", "leak")},
        "problems": verdict.problems,
        "post_p99_ms": round(verdict.post_p99 * 1e3, 1),
        "delay_p99_ms": round(verdict.delay_p99 * 1e3, 1),
        "worst_ms": round(verdict.worst_delay * 1e3, 1),
        "seconds": round(seconds, 1),
        "notes": verdict.notes,
        "log": "" if verdict.is_clean else log,
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Name what went wrong, and where to read on."""
    bad = [row for row in rows if row["log"]]
    return [f"{row['fault']}, {row['scenario']}: {'; '.join(row['problems'][:5])} ({row['log']})" for row in bad]
