"""Takes out of a picture what a camera wrote about itself, its owner and the place; no pixel changes.

Only what is known to be needed is copied. What a picture says of how it is turned stays.
"""

import re
import struct
import zlib
from collections.abc import Callable
from typing import IO

from messaging.attachments import items
from messaging.attachments.kinds import HEIC, Found

CHUNK = 65_536
UPRIGHT = 1


class Unreadable(ValueError):
    """The file has not the structure of its type."""


def strip(source: IO[bytes], target: IO[bytes], found: Found) -> bool:
    """Copy a picture without what it tells of its making; return whether there is a way to do so.

    Unreadable if it has not the structure of its type.
    """
    way = WAYS.get(found.content_type)
    source.seek(0)
    if way:
        way(source, target, found.orientation)
    return way is not None


def _exif(orientation: int) -> bytes:
    """Return Exif data that says how the picture is turned, and no more."""
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def _take(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise Unreadable("It is cut off.")
    return data


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    while size > 0:
        data = _take(source, min(size, CHUNK))
        target.write(data)
        size -= len(data)


JPEG_END, JPEG_SCAN = 0xD9, 0xDA
JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a scan."""
JPEG_BARE = {0x01, *range(0xD0, 0xD9)}


def _jpeg(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    target.write(_take(source, 2))
    if orientation != UPRIGHT:
        data = b"Exif\0\0" + _exif(orientation)
        target.write(b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data)
    while (marker := _jpeg_marker(source)) != JPEG_END:
        head = bytes((0xFF, marker))
        if marker in JPEG_BARE:
            target.write(head)
            continue
        length = _take(source, 2)
        segment = _take(source, max(0, int.from_bytes(length) - 2))
        if _is_needed(marker, segment):
            target.write(head + length + segment)
        if marker == JPEG_SCAN:
            _copy_scan(source, target)
    # What stands behind it are other pictures, films and notes of the camera's maker.
    target.write(bytes((0xFF, JPEG_END)))


def _jpeg_marker(source: IO[bytes]) -> int:
    if _take(source, 1) != b"\xff":
        raise Unreadable("There is no marker.")
    while (marker := _take(source, 1)[0]) == 0xFF:
        pass
    return marker


def _is_needed(marker: int, segment: bytes) -> bool:
    if marker == 0xE2:
        return segment.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return segment.startswith(b"Adobe")
    return marker < 0xE1 or 0xF0 <= marker < 0xFE


def _copy_scan(source: IO[bytes], target: IO[bytes]) -> None:
    while True:
        at = source.tell()
        data = source.read(CHUNK)
        if end := JPEG_MARKER.search(data):
            target.write(data[: end.start()])
            source.seek(at + end.start())
            return
        if len(data) < 2:
            raise Unreadable("It is cut off.")
        # A marker may stand across the border.
        target.write(data[:-1])
        source.seek(at + len(data) - 1)


PNG_NEEDED = set(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST sPLT cICP mDCV cLLI acTL fcTL fdAT".split()
)


def _png(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    target.write(_take(source, 8))
    name = b""
    while name != b"IEND":
        head = _take(source, 8)
        size, name = int.from_bytes(head[:4]), head[4:]
        if name in PNG_NEEDED:
            target.write(head)
            _copy(source, target, size + 4)
        else:
            source.seek(size + 4, 1)
        if name == b"IHDR" and orientation != UPRIGHT:
            data = b"eXIf" + _exif(orientation)
            target.write(struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data)))


WEBP_TOLD = {b"EXIF": 0x08, b"XMP ": 0x04}
"""The chunks that tell of it, and their flags in the head."""
WEBP_PICTURE = {b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH"}


def _webp(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    end = 8 + int.from_bytes(_take(source, 12)[4:8], "little")
    target.write(b"RIFF\0\0\0\0WEBP")
    is_turned = False
    while source.tell() + 8 <= end:
        head = _take(source, 8)
        name, size = head[:4], int.from_bytes(head[4:], "little")
        size += size % 2
        if name == b"VP8X":
            flags = _take(source, 1)[0] & ~sum(WEBP_TOLD.values())
            is_turned = orientation != UPRIGHT
            target.write(head + bytes([flags | WEBP_TOLD[b"EXIF"] * is_turned]))
            _copy(source, target, size - 1)
        elif name in WEBP_PICTURE:
            target.write(head)
            _copy(source, target, size)
        else:
            source.seek(size, 1)
    if is_turned:
        data = _exif(orientation)
        target.write(b"EXIF" + struct.pack("<I", len(data)) + data)
    length = target.tell() - 8
    target.seek(4)
    target.write(struct.pack("<I", length))


GIF_NEEDED = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}


def _gif(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    head = _take(source, 13)
    target.write(head)
    _copy(source, target, _colours(head[10]))
    while (kind := _take(source, 1)) != b";":
        if kind == b",":
            head = _take(source, 9)
            target.write(kind + head)
            _copy(source, target, _colours(head[8]) + 1)
            _copy_blocks(source, target.write)
        elif kind == b"!":
            _gif_extension(source, target)
        else:
            raise Unreadable("There is no block.")
    target.write(b";")


def _gif_extension(source: IO[bytes], target: IO[bytes]) -> None:
    label, size = _take(source, 1), _take(source, 1)
    name = _take(source, size[0])
    # Comments, and what applications have added.
    is_needed = label not in {b"\xfe", b"\xff"} or (label == b"\xff" and name in GIF_NEEDED)
    write = target.write if is_needed else len
    write(b"!" + label + size + name)
    if size != b"\0":
        _copy_blocks(source, write)


def _copy_blocks(source: IO[bytes], write: Callable[[bytes], int]) -> None:
    size = b"\1"
    while size != b"\0":
        size = _take(source, 1)
        write(size + _take(source, size[0]))


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _boxed(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    for start, end, nothing in list(items.told_by_picture(target, _copy_all(source, target))):
        target.seek(start)
        written = target.write(nothing[: end - start])
        _blank(target, start + written, end)


def _film(source: IO[bytes], target: IO[bytes], orientation: int) -> None:
    for box in items.told_by_film(target, _copy_all(source, target)):
        # In its place, since a film says where in the file its pictures are.
        target.seek(box.head + 4)
        target.write(b"free")
        _blank(target, box.start, box.end)


def _copy_all(source: IO[bytes], target: IO[bytes]) -> int:
    size = source.seek(0, 2)
    source.seek(0)
    _copy(source, target, size)
    return size


def _blank(target: IO[bytes], start: int, end: int) -> None:
    target.seek(start)
    while start < end:
        start += target.write(bytes(min(end - start, CHUNK)))


WAYS: dict[str, Callable[[IO[bytes], IO[bytes], int], None]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/avif": _boxed,
    HEIC: _boxed,
    "video/mp4": _film,
    "video/quicktime": _film,
    "video/3gpp": _film,
}
