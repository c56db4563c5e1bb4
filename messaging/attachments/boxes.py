"""The boxes of ISO base media files (MP4, QuickTime, HEIC, AVIF): ISO/IEC 14496-12 and 23008-12."""

from collections.abc import Iterator
from typing import IO, NamedTuple

MOST_BOXES = 10_000
"""So many are looked at; no file of a camera has more outside of its samples."""
LARGE = 1
"""A size that says: the size stands behind the name, in 8 bytes."""


class Box(NamedTuple):
    """A box; its content is between `start` and `end`, its name at `start - 4` unless it is `large`."""

    name: bytes
    head: int
    start: int
    end: int


class Broken(ValueError):
    """The file has not the structure that it begins with."""


def walk(file: IO[bytes], start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places of a file; what is cut off ends where the file does."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        file.seek(start)
        head = file.read(16)
        size, name, content = int.from_bytes(head[:4]), head[4:8], start + 8
        if size == LARGE:
            size, content = int.from_bytes(head[8:16]), start + 16
        stop = end if size == 0 else start + size
        if stop < content or len(head) < 8:
            raise Broken
        yield Box(name, start, content, min(stop, end))
        start = stop


def find(file: IO[bytes], start: int, end: int, *path: bytes) -> Iterator[Box]:
    """Yield all boxes at a path of names, like `moov trak mdia hdlr`."""
    name, *rest = path
    for box in walk(file, start, end):
        if box.name == name and rest:
            yield from find(file, box.start, box.end, *rest)
        elif box.name == name:
            yield box


def content(file: IO[bytes], box: Box, most: int = 65_536) -> bytes:
    """Return what is in a box, or its beginning."""
    file.seek(box.start)
    return file.read(min(box.end - box.start, most))
