"""Files as cameras, programs and people make them, with what they tell of their making."""

import gzip
import io
import struct
import wave
import zipfile
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

MAKER = b"Camera of alice"
"""Stands in whatever a file tells of its making."""
TURNED = 6
"""An orientation: what is right is shown below."""
SIZE = (64, 40)


def noise(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Return a picture with a red corner, so that one can see how it is turned."""
    image = Image.effect_noise(size, 60).convert("RGB")
    image.paste((220, 20, 20), (0, 0, size[0] // 4, size[1] // 4))
    return image.convert(mode)


def exif(orientation: int = TURNED) -> Image.Exif:
    """Return what a phone writes: by whom, how it was held, and where."""
    data = Image.Exif()
    data[0x010F], data[0x0112] = MAKER.decode(), orientation
    data.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return data


def picture(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a file of a kind, by Pillow's names."""
    target = io.BytesIO()
    (image or noise()).save(target, kind, **options)
    return target.getvalue()


def told() -> dict[str, bytes]:
    """Return one picture of each kind that tells of its making, by what it is."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MAKER.decode())
    info.add_itxt("XML:com.adobe.xmp", MAKER.decode())
    xmp = b"<x>" + MAKER + b"</x>"
    moving = [noise(), noise()]
    return {
        "jpeg": picture("JPEG", exif=exif(), comment=MAKER),
        "jpeg in stages": picture("JPEG", exif=exif(), progressive=True),
        "jpeg of a phone": picture("MPO", exif=exif(), save_all=True, append_images=[noise()]),
        "png": picture("PNG", exif=exif(), pnginfo=info),
        "moving png": picture("PNG", moving[0], save_all=True, append_images=moving[1:], pnginfo=info),
        "webp": picture("WEBP", exif=exif(), xmp=xmp),
        "moving webp": picture("WEBP", moving[0], save_all=True, append_images=moving[1:], exif=exif(1), xmp=xmp),
        "gif": picture("GIF", comment=MAKER),
        "moving gif": picture("GIF", moving[0], save_all=True, append_images=moving[1:], comment=MAKER, loop=0),
        "avif": picture("AVIF", exif=exif(), xmp=xmp),
        "heic": (Path(__file__).parent / "picture.heic").read_bytes(),
    }


def box(name: bytes, *content: bytes) -> bytes:
    """Return a box of ISO base media."""
    inside = b"".join(content)
    return struct.pack(">I", len(inside) + 8) + name + inside


def media(brand: bytes, *handlers: bytes, moov_last: bool = True) -> bytes:
    """Return a film or sound that plays nothing: the boxes that say what it is, and where it was made."""
    places = box(b"udta", box(b"\xa9xyz", b"+52.52+013.40/" + MAKER))
    tracks = [box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13)))) for handler in handlers]
    moov = box(b"moov", box(b"mvhd", bytes(100)), *tracks, places)
    data = box(b"mdat", b"x" * 500)
    head = box(b"ftyp", brand, bytes(4), brand, b"isom") if brand else b""
    return head + (data + moov if moov_last else moov + data)


def sound(seconds: float = 0.5) -> bytes:
    """Return a WAV of a tone that any browser plays."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", 4000 * (at % 20 > 10)) for at in range(int(8000 * seconds))))
    return target.getvalue()


def packed(content: bytes = b"hello", name: str = "a.txt") -> bytes:
    """Return a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        # The same bytes whenever it is made: they are in the names of tests.
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def bomb(claimed: int) -> bytes:
    """Return a small archive that says it becomes so many bytes."""
    data = bytearray(packed())
    at = data.rindex(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", claimed)
    return bytes(data)


def gzip_bomb(claimed: int) -> bytes:
    """Return a small gzip file that says it becomes so many bytes."""
    return gzip.compress(b"hello", mtime=0)[:-4] + struct.pack("<I", claimed)


def too_many_pixels() -> bytes:
    """Return a PNG of a few bytes that says it has 3.6 thousand million pixels."""
    data = bytearray(picture("PNG"))
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)
