"""Pictures: how large they are, and small copies of them. What is in them was sent by anybody."""

import io
from struct import error
from typing import IO

import pi_heif
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

from messaging.attachments.kinds import Found

pi_heif.register_heif_opener()
# Ours is asked by the size that the head of a file says, before any pixel is read; Pillow's own has two steps.
Image.MAX_IMAGE_PIXELS = None

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF")
"""Asked for by these names; a phone's JPEG then calls itself MPO."""
ORIENTATION = 0x0112
LYING = 5
"""From this orientation on, width is height."""
READ_WHOLE = {"WEBP", "AVIF", "HEIF"}
LARGEST_WHOLE = 20 * 2**20
"""Bytes of those that are read into memory as a whole as soon as anybody asks how large they are."""
UNREADABLE = (OSError, SyntaxError, ValueError, MemoryError, EOFError, LookupError, ArithmeticError, TypeError, error)
"""What Pillow raises for pictures that are cut off or made by hand."""
THUMBNAIL, LARGE = 480, 2048
"""Pixels of the longer side."""
QUALITY = 80
GREY_16 = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def measure(file: IO[bytes], content_type: str, most: int) -> Found | None:
    """Return what a picture is, by its head; nothing if nobody can show it.

    ValidationError if it has more than `most` pixels.
    """
    size = file.seek(0, 2)
    formats = [each for each in FORMATS if size <= LARGEST_WHOLE or each not in READ_WHOLE]
    file.seek(0)
    try:
        with Image.open(file, formats=formats) as image:
            width, height = image.size
            orientation = _orientation(image)
            is_animated = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    except UNREADABLE:
        return None
    if width * height > most:
        raise ValidationError(f"It has {width} by {height} pixels; {most / 1e6:g} million may be.", code="pixels")
    if orientation >= LYING:
        width, height = height, width
    return Found(content_type, width, height, is_animated, orientation)


def _orientation(image: Image.Image) -> int:
    # Not by `getexif`, which reads all of a PNG for it.
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    orientation = exif.get(ORIENTATION)
    return orientation if isinstance(orientation, int) and orientation in range(1, 9) else 1


def copy(file: IO[bytes], longest: int, most: int) -> bytes:
    """Return a WebP of a picture, or of its first frame, that fits into a square of `longest` pixels.

    One of `UNREADABLE` if that cannot be shown.
    """
    file.seek(0)
    with Image.open(file, formats=FORMATS) as image:
        if image.width * image.height > most:
            raise ValueError("It has too many pixels.")
        # Before anything else has read it, a large JPEG is read in a small size at once.
        image.thumbnail((longest, longest))
        upright = ImageOps.exif_transpose(image)
        shown = _plain(_in_srgb(upright))
        target = io.BytesIO()
        shown.save(target, "WEBP", quality=QUALITY)
        return target.getvalue()


def _in_srgb(image: Image.Image) -> Image.Image:
    # WebP would be written without the profile, and its colours taken for those of sRGB.
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"))
        return converted or image
    except (OSError, ImageCms.PyCMSError):
        return image


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in GREY_16:
        # Converted as it is, it would be white.
        return image.point(lambda value: value / 256).convert("L")
    is_transparent = "A" in image.mode or "transparency" in image.info
    return image.convert("RGBA" if is_transparent else "RGB")
