"""The benchmark measures what it says it does, on a small scale."""

import json
import subprocess
import sys

import pytest

from project import paths

FIELDS = {
    "stack",
    "sockets",
    "rate",
    "deliveries_per_s",
    "cpu_us_per_delivery",
    "p50_ms",
    "p99_ms",
    "kb_per_socket",
    "lost",
}


@pytest.mark.live
def test_fanout_delivers_everything_and_says_so() -> None:
    options = ["--sockets", "40", "--rates", "20", "--stacks", "bellwire-uvicorn", "--json"]
    command = [sys.executable, "-m", "benchmarks", "fanout", *options]
    done = subprocess.run(command, cwd=paths.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [row["rate"] for row in said["results"]] == [20, "max"]
    for row in said["results"]:
        assert set(row) >= FIELDS
        assert (row["sockets"], row["lost"]) == (40, 0)
        assert row["deliveries_per_s"] > 0
    assert said["versions"]["django"]
