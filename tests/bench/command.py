"""`bin/bench` as its tests run it."""

import json
import subprocess
import sys
from typing import Any, NamedTuple

from project import paths


class Said(NamedTuple):
    """What a benchmark printed: its JSON, and the lines beside it."""

    results: list[dict[str, Any]]
    versions: dict[str, str]
    table: list[str]


def bench(*arguments: str) -> Said:
    """Run a benchmark; fail when it fails."""
    command = [sys.executable, "-m", "benchmarks", *arguments, "--json"]
    done = subprocess.run(command, cwd=paths.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return Said(said["results"], said["versions"], done.stderr.splitlines())
