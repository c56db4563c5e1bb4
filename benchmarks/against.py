"""A benchmark of this checkout and of another one in turn, and what one is to the other."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.tables import Column, Row, Table
from project import paths


def compare(columns: list[Column], other: Path, arguments: list[str]) -> list[Row]:
    """Run the benchmark here and there, print the ratios, and return them."""
    print("this one:", file=sys.stderr)
    ours = _measured([sys.executable], paths.BASE_DIR, arguments, {})
    print(f"{other}:", file=sys.stderr)
    theirs = _measured_there(other.resolve(), arguments)
    ratios = [
        {column.key: _ratio(column, row[column.key], old[column.key]) for column in columns}
        for row, old in zip(ours, theirs, strict=True)
    ]
    table = Table(Column(column.key, column.title, width=max(column.width, 7)) for column in columns)
    for row in ratios:
        table.show(row)
    return ratios


def _measured_there(other: Path, arguments: list[str]) -> list[Row]:
    subprocess.run(["bin/setup", "dev"], cwd=other, check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as directory:
        # Its own benchmarks know its code; what it has none of is measured by ours.
        both = Path(directory, "benchmarks")
        both.mkdir()
        here = Path(__file__).parent
        # How the machine is looked at has nothing to do with the code that is measured.
        for path in [here / "machine.py", *(other / "benchmarks").iterdir(), *here.iterdir()]:
            if not (both / path.name).exists():
                (both / path.name).symlink_to(path)
        # It runs in there, since some library puts the working directory before all other places of modules.
        environment = {"PYTHONPATH": f"{directory}{os.pathsep}{other}", "PYTHONSAFEPATH": "1"}
        return _measured([str(other / ".venv/bin/python")], Path(directory), arguments, environment)


def _measured(python: list[str], directory: Path, arguments: list[str], environment: dict[str, str]) -> list[Row]:
    command = [*python, "-m", "benchmarks.alone", *arguments]
    done = subprocess.run(command, cwd=directory, env=os.environ | environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"The benchmark failed in {directory}.")
    rows: list[Row] = json.loads(done.stdout)
    return rows


def _ratio(column: Column, ours: Any, theirs: Any) -> str:
    """Return how many times the other's it is; what is the same in both, as it is."""
    if ours == theirs or not theirs or isinstance(ours, str):
        return column.format(ours)
    else:
        return f"{ours / theirs:.2f}x"
