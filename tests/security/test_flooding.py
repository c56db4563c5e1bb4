"""H5: what is too large leaves nothing behind and keeps nobody waiting, on both web servers."""

import os
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.live.stack import Stack, fetch, until
from tests.security.wire import STATUS, Wire, chunked, head

pytestmark = [
    pytest.mark.live,
    pytest.mark.xdist_group("a site under attack"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
CHUNKED = b"Transfer-Encoding: chunked"
UPLOAD = 30_000_000


@pytest.mark.parametrize("line", [b"POST /accounts/login/", b"POST /nope/", b"GET /", b"POST /healthz"])
def test_what_is_too_large_leaves_nothing_behind_and_keeps_nobody_waiting(stack: Stack, line: bytes) -> None:
    fetch(f"{stack.url}/accounts/login/")
    (server,) = stack.processes()[stack.env["SERVER"]]
    before = resident(server)
    form = b"Content-Type: application/x-www-form-urlencoded"
    with ExitStack() as opened:
        wires = [opened.enter_context(Wire(stack)) for _ in range(4)]
        for wire in wires:
            wire.say(head(line, CHUNKED, form) + chunked(b"a=&" * (UPLOAD // 12)))
            assert fetch(f"{stack.url}/accounts/login/").status_code == 200
        # What had not been read when the server ended the connection may have cost its answer on the way.
        assert {status for wire in wires for status in STATUS.findall(wire.heard())} <= {b"413"}
    assert resident(server) - before < 15_000_000
    until(lambda: not temporary_files(server))


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def temporary_files(pid: int) -> list[str]:
    """Return what a process has open in the directory for temporary files."""
    names = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.append(os.readlink(each))
    return [name for name in names if name.startswith(tempfile.gettempdir()) and name.endswith("(deleted)")]
