"""What a file is, by its own structure: neither its name nor what a browser says of it counts here."""

import codecs
from typing import IO

from messaging.attachments import boxes
from messaging.attachments.kinds import GZIP, HEIC, PDF, PROGRAM, TEXT, UNKNOWN, ZIP

HEAD = 65_536
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"PK\3\4", ZIP),
    (b"PK\5\6", ZIP),
    (b"\x1f\x8b\x08", GZIP),
    (b"\x7fELF", PROGRAM),
    (b"MZ\x90\0", PROGRAM),
    (b"ID3", "audio/mpeg"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
EBML = b"\x1a\x45\xdf\xa3"
EBML_HEAD = 4096
ISO_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
CONTROLS = {*range(32), 127} - set(b"\t\n\r\f\x1b")
PDF_WITHIN = 1024


def sniff(file: IO[bytes]) -> str:
    """Return the content type of a file; `application/octet-stream` if it is not known."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    # The order matters: UTF-16 begins as MPEG audio does.
    if head.startswith(BOMS):
        return TEXT
    for beginning, content_type in BEGINNINGS:
        if head.startswith(beginning):
            return content_type
    return (
        _riff(head) or _ogg(head) or _ebml(head) or _iso(file, head, size) or _pdf(head) or _mpeg(head) or _text(head)
    )


def _riff(head: bytes) -> str:
    return RIFF.get(head[8:12], "") if head.startswith(b"RIFF") else ""


def _ogg(head: bytes) -> str:
    if not head.startswith(b"OggS"):
        return ""
    return UNKNOWN if b"theora" in head[:EBML_HEAD] else "audio/ogg"


def _ebml(head: bytes) -> str:
    if not head.startswith(EBML):
        return ""
    elif b"webm" not in head[:64]:
        return UNKNOWN
    else:
        return "video/webm" if b"V_" in head[:EBML_HEAD] else "audio/webm"


def _iso(file: IO[bytes], head: bytes, size: int) -> str:
    if head[4:8] not in ISO_FIRST:
        return ""
    try:
        brands = _brands(file, size)
        if brands & AVIF_BRANDS:
            return "image/avif"
        if brands & HEIC_BRANDS:
            return HEIC
        found = boxes.find(file, 0, size, b"moov", b"trak", b"mdia", b"hdlr")
        handlers = {boxes.content(file, box)[8:12] for box in found}
    except boxes.Broken:
        return UNKNOWN
    if b"vide" in handlers:
        return _film(brands)
    return "audio/mp4" if b"soun" in handlers else UNKNOWN


def _film(brands: set[bytes]) -> str:
    if not brands or b"qt  " in brands:
        return "video/quicktime"
    return "video/3gpp" if any(brand.startswith((b"3gp", b"3g2")) for brand in brands) else "video/mp4"


def _brands(file: IO[bytes], size: int) -> set[bytes]:
    for box in boxes.find(file, 0, size, b"ftyp"):
        data = boxes.content(file, box)
        return {data[at : at + 4] for at in (0, *range(8, len(data), 4))}
    return set()


def _pdf(head: bytes) -> str:
    return PDF if b"%PDF-" in head[:PDF_WITHIN] else ""


def _mpeg(head: bytes) -> str:
    if len(head) < 4 or head[0] != 0xFF:
        return ""
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    layer, rate, frequency = head[1] & 0x06, head[2] >> 4, head[2] >> 2 & 3
    return "audio/mpeg" if head[1] & 0xE0 == 0xE0 and layer and rate < 15 and frequency < 3 else ""


def _text(head: bytes) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return UNKNOWN
    return UNKNOWN if CONTROLS.intersection(head) else TEXT
