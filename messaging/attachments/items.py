"""Where a HEIC, an AVIF or a film keeps what it tells of its making: ISO/IEC 14496-12 (`iinf`, `iloc`, `udta`)."""

from collections.abc import Iterator
from typing import IO

from messaging.attachments import boxes

FULL = 4
"""Bytes of version and flags, which some boxes begin with."""
MOST = 2**20
NOTHING = {b"Exif": b"\0\0\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", b"mime": b""}
"""Items that tell of it, Exif data and XMP, and what they begin with when they tell nothing."""
IN_FILE, IN_BOX = 0, 1


class Reader:
    """Reads numbers one after the other; what is not there any more is 0."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, size: int) -> int:
        """Return the next number, of so many bytes."""
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at])


def told_by_picture(file: IO[bytes], size: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield from where to where a HEIC or AVIF has Exif data or XMP, and what is to stand there."""
    for meta in boxes.find(file, 0, size, b"meta"):
        start = meta.start + FULL
        told = {
            item: nothing for box in boxes.find(file, start, meta.end, b"iinf") for item, nothing in _told(file, box)
        }
        base = next((box.start for box in boxes.find(file, start, meta.end, b"idat")), 0)
        for box in boxes.find(file, start, meta.end, b"iloc"):
            for item, way, at, length in _places(Reader(boxes.content(file, box, MOST))):
                if item in told and way in {IN_FILE, IN_BOX}:
                    begin = at + (base if way == IN_BOX else 0)
                    yield begin, min(begin + length, size), told[item]


def told_by_film(file: IO[bytes], size: int) -> list[boxes.Box]:
    """Return the boxes in which a film tells of its making; it is played without them."""
    films = [*boxes.find(file, 0, size, b"moov"), *boxes.find(file, 0, size, b"moov", b"trak")]
    inside = [boxes.find(file, box.start, box.end, name) for box in films for name in (b"udta", b"meta")]
    around = [boxes.find(file, 0, size, name) for name in (b"meta", b"uuid", b"udta")]
    return [box for found in inside + around for box in found]


def _told(file: IO[bytes], box: boxes.Box) -> Iterator[tuple[int, bytes]]:
    is_old = boxes.content(file, box, 1) == b"\0"
    for entry in boxes.find(file, box.start + FULL + (2 if is_old else 4), box.end, b"infe"):
        data = boxes.content(file, entry)
        size = 2 if data[:1] == b"\2" else 4
        nothing = NOTHING.get(data[FULL + size + 2 :][:4])
        if nothing is not None:
            yield int.from_bytes(data[FULL : FULL + size]), nothing


def _places(reader: Reader) -> Iterator[tuple[int, int, int, int]]:
    """Yield of each part of each item: which item, counted from where, the place there, and how long it is."""
    version, _ = reader.number(1), reader.number(3)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(reader.number(4 if version == 2 else 2)):
        item = reader.number(4 if version == 2 else 2)
        way = reader.number(2) & 15 if version else IN_FILE
        reader.number(2)
        base = reader.number(base_size)
        for _ in range(reader.number(2)):
            reader.number(index_size if version else 0)
            yield item, way, base + reader.number(offset_size), reader.number(length_size)
        if reader.at > len(reader.data):
            return
