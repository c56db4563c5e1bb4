"""A count that another process can read while it grows, and after the process that counts was killed."""

import mmap
import os
import struct
import threading
from pathlib import Path

NUMBER = struct.Struct("q")


class Counter:
    """Counts in a file of this process."""

    def __init__(self, directory: Path, name: str) -> None:
        path = directory / f"{name}-{os.getpid()}"
        path.write_bytes(bytes(NUMBER.size))
        with path.open("r+b") as file:
            self.number = mmap.mmap(file.fileno(), NUMBER.size)
        self.lock = threading.Lock()

    def add(self) -> None:
        """Count one more."""
        with self.lock:
            NUMBER.pack_into(self.number, 0, NUMBER.unpack_from(self.number)[0] + 1)


def total(directory: Path, name: str) -> int:
    """Return what all processes have counted under this name."""
    return sum(NUMBER.unpack(path.read_bytes())[0] for path in directory.glob(f"{name}-*"))
