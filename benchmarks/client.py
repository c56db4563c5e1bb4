"""A load client as its benchmark sees it: a process of its own that is told lines and answers with JSON."""

import json
import subprocess
import sys
from typing import Any, Self

from benchmarks.tables import Row


class Client:
    """Runs `benchmarks.<name>` and gives it its plan; `connected` is what it says when all sockets are open."""

    def __init__(self, name: str, **plan: Any) -> None:
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.connected = self.ask(json.dumps(plan))
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, line: str) -> Row:
        """Send a line and return the answer."""
        self.tell(line)
        assert self.process.stdout
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the load client has ended")
        return dict(json.loads(answer))

    def tell(self, line: str) -> None:
        """Send a line that has no answer."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
