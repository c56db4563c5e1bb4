"""Archives: how large they say that they become, without unpacking any of it."""

import struct
from collections.abc import Iterator
from typing import IO

from messaging.attachments.kinds import GZIP, ZIP

END, END64, ENTRY = b"PK\5\6", b"PK\6\6", b"PK\1\2"
END_SIZE, ENTRY_SIZE = 22, 46
LONGEST_COMMENT = 65_535
ELSEWHERE = 0xFFFF_FFFF
"""A size that says: it stands in the field of ZIP64."""
ZIP64 = 1
MOST_ENTRIES = 200_000
RATIO = 200
"""A text is packed to a tenth, a log to a fiftieth."""


def is_bomb(file: IO[bytes], content_type: str, most: int) -> bool:
    """Return whether an archive says that it becomes larger than `most` bytes, and than any data does by itself."""
    size = file.seek(0, 2)
    unpacked = {ZIP: _zip, GZIP: _gzip}.get(content_type, _none)(file, size)
    return unpacked > most and unpacked > RATIO * size


def _none(file: IO[bytes], size: int) -> int:
    return 0


def _gzip(file: IO[bytes], size: int) -> int:
    file.seek(max(0, size - 4))
    return int.from_bytes(file.read(4), "little")


def _zip(file: IO[bytes], size: int) -> int:
    file.seek(max(0, size - END_SIZE - LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or at + END_SIZE > len(tail):
        return 0
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail.rfind(END64, 0, at)
    if large >= 0:
        at, length = large, int.from_bytes(tail[large + 40 : large + 48], "little")
    # Where it begins is counted back from its end: what stands before an archive moves all of it.
    file.seek(max(0, size - len(tail) + at - length))
    return sum(_sizes(file))


def _sizes(file: IO[bytes]) -> Iterator[int]:
    for _ in range(MOST_ENTRIES):
        head = file.read(ENTRY_SIZE)
        if len(head) < ENTRY_SIZE or not head.startswith(ENTRY):
            return
        size, name, extra, comment = struct.unpack("<24xL3H12x", head)
        file.seek(name, 1)
        fields = file.read(extra)
        file.seek(comment, 1)
        yield _large(fields) if size == ELSEWHERE else size


def _large(fields: bytes) -> int:
    while len(fields) >= 4:
        kind, size = struct.unpack("<2H", fields[:4])
        if kind == ZIP64:
            return int.from_bytes(fields[4:12], "little")
        fields = fields[4 + size :]
    return ELSEWHERE
