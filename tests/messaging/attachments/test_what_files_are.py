"""What files are, by their structure; what is taken out of them; what copies are made. No database."""

import io
import struct
from typing import Any

import pytest
from PIL import Image, ImageStat

from messaging.attachments import archives, kinds, metadata, pictures
from messaging.attachments.sniffing import sniff
from tests.messaging.attachments import samples
from tests.messaging.attachments.samples import MAKER, SIZE, box, media

MOST = 50_000_000
KINDS = {
    "jpeg": "image/jpeg",
    "jpeg in stages": "image/jpeg",
    "jpeg of a phone": "image/jpeg",
    "png": "image/png",
    "moving png": "image/png",
    "webp": "image/webp",
    "moving webp": "image/webp",
    "gif": "image/gif",
    "moving gif": "image/gif",
    "avif": "image/avif",
    "heic": "image/heic",
}
TOLD = samples.told()


def file(data: bytes) -> Any:
    return io.BytesIO(data)


@pytest.mark.parametrize("name", KINDS)
def test_pictures_are_known_by_their_content(name: str) -> None:
    assert sniff(file(TOLD[name])) == KINDS[name]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (media(b"isom", b"vide", b"soun"), "video/mp4"),
        (media(b"isom", b"vide", moov_last=False), "video/mp4"),
        (media(b"qt  ", b"vide"), "video/quicktime"),
        (media(b"", b"vide"), "video/quicktime"),
        (media(b"3gp4", b"vide"), "video/3gpp"),
        (media(b"M4A ", b"soun"), "audio/mp4"),
        (media(b"mp42", b"soun"), "audio/mp4"),
        (media(b"mp42"), kinds.UNKNOWN),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + b"\x86\x85V_VP8", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + b"\x86\x86A_OPUS", "audio/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska" + b"V_VP8", kinds.UNKNOWN),
        (b"OggS\0\2" + bytes(20) + b"OpusHead", "audio/ogg"),
        (samples.sound(0.01), "audio/wav"),
        (b"fLaC\0\0\0\x22" + bytes(40), "audio/flac"),
        (b"ID3\4\0" + bytes(40), "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(40), "audio/mpeg"),
        (b"\xff\xf1\x50\x80" + bytes(40), "audio/aac"),
        (b"%PDF-1.7\n", kinds.PDF),
        (b"junk\n" * 9 + b"%PDF-1.7\n", kinds.PDF),
        (samples.packed(), kinds.ZIP),
        (samples.gzip_bomb(5), kinds.GZIP),
        (b"\x7fELF\2\1\1", kinds.PROGRAM),
        ("grüße, 你好\n".encode(), kinds.TEXT),
        (("x" * 65_535 + "ü").encode(), kinds.TEXT),
        ("grüße".encode("utf-16"), kinds.TEXT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", kinds.TEXT),
        (b"<!doctype html><script>alert(1)</script>", kinds.TEXT),
        (bytes(range(256)), kinds.UNKNOWN),
        (b"\0\0\0\x08moov", kinds.UNKNOWN),
        (b"\0\0\0\x02ftypisom", kinds.UNKNOWN),
    ],
)
def test_all_else_is_known_by_its_content(data: bytes, content_type: str) -> None:
    assert sniff(file(data)) == content_type


def test_nothing_that_a_browser_runs_is_shown() -> None:
    assert not [each for each in kinds.SHOWN if each.partition("/")[0] not in {"image", "video", "audio"}]
    assert not [each for each in kinds.SHOWN if "svg" in each or "xml" in each]


@pytest.mark.parametrize("name", TOLD)
def test_a_picture_tells_nothing_of_its_making_and_is_the_same_picture(name: str) -> None:
    source, target = file(TOLD[name]), io.BytesIO()
    found = pictures.measure(source, KINDS[name], MOST)
    assert found
    assert MAKER in TOLD[name]
    assert metadata.strip(source, target, found)
    assert MAKER not in target.getvalue()
    assert sniff(target) == KINDS[name]
    assert pictures.measure(target, KINDS[name], MOST) == found
    before, after = (Image.open(each, formats=pictures.FORMATS) for each in (source, target))
    assert after.getexif().get_ifd(0x8825) == {}
    frames = 1 if before.format == "MPO" else getattr(before, "n_frames", 1)
    for frame in range(frames):
        before.seek(frame)
        after.seek(frame)
        assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_how_a_picture_was_held_stays_known(name: str) -> None:
    found = pictures.measure(file(TOLD[name]), KINDS[name], MOST)
    assert found
    assert (found.width, found.height) == SIZE[::-1]
    copy = Image.open(io.BytesIO(pictures.copy(file(TOLD[name]), 480, MOST))).convert("RGB")
    assert copy.size == SIZE[::-1]
    red, green, _ = copy.getpixel((SIZE[1] - 4, 4))  # type: ignore[misc]  # an RGB picture has three
    assert (red > 150, green < 100) == (True, True), "the corner is where it belongs"


def test_a_jpeg_whose_scan_crosses_a_border_of_chunks_is_copied_whole() -> None:
    data = samples.picture("JPEG", samples.noise((900, 900)), quality=95, exif=samples.exif(1))
    assert len(data) > 3 * metadata.CHUNK
    target = io.BytesIO()
    metadata.strip(file(data), target, kinds.Found("image/jpeg"))
    assert Image.open(target).tobytes() == Image.open(file(data)).tobytes()


@pytest.mark.parametrize("name", TOLD)
def test_a_picture_that_is_cut_off_is_an_error_of_its_own(name: str) -> None:
    data = TOLD[name]
    for size in range(0, len(data) - 1, max(1, len(data) // 60)):
        cut = file(data[:size])
        found = pictures.measure(cut, KINDS[name], MOST)
        try:
            metadata.strip(cut, io.BytesIO(), found or kinds.Found(KINDS[name]))
            pictures.copy(cut, 48, MOST)
        except (metadata.Unreadable, *pictures.UNREADABLE):
            pass


@pytest.mark.parametrize("brand", [b"isom", b"qt  "])
def test_a_film_tells_nothing_of_its_making_and_nothing_in_it_moves(brand: bytes) -> None:
    data, target = media(brand, b"vide", b"soun"), io.BytesIO()
    assert metadata.strip(file(data), target, kinds.Found(sniff(file(data))))
    assert MAKER in data
    assert MAKER not in target.getvalue()
    assert len(target.getvalue()) == len(data)
    assert target.getvalue().index(b"x" * 500) == data.index(b"x" * 500)
    assert sniff(target) == sniff(file(data))


def test_a_picture_of_too_many_pixels_is_refused_before_any_is_read() -> None:
    with pytest.raises(Exception, match="60000 by 60000"):
        pictures.measure(file(samples.too_many_pixels()), "image/png", MOST)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_copy_is_made_of_every_mode(mode: str) -> None:
    grey = Image.linear_gradient("L")
    deep = grey.convert("I").point(lambda value: value * 257)
    source = samples.picture("PNG", deep.convert(mode) if mode[0] == "I" else grey.convert(mode))
    copy = Image.open(io.BytesIO(pictures.copy(file(source), 100, MOST))).convert("L")
    assert copy.size == (100, 100)
    dark, light = (ImageStat.Stat(copy.crop((0, top, 100, top + 5))).mean[0] for top in (0, 95))
    assert (dark < 80, light > 170) == (True, True), "neither is all of it white"


def test_what_is_transparent_stays_so() -> None:
    source = samples.picture("PNG", Image.new("RGBA", (80, 80), (255, 0, 0, 0)))
    assert Image.open(io.BytesIO(pictures.copy(file(source), 40, MOST))).getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    ("data", "content_type", "is_bomb"),
    [
        (samples.packed(b"x" * 1_000_000), kinds.ZIP, False),
        (samples.bomb(2**31), kinds.ZIP, True),
        (samples.bomb(2**32 - 1), kinds.ZIP, True),
        (b"before" * 9 + samples.bomb(2**31), kinds.ZIP, True),
        (samples.gzip_bomb(2**31), kinds.GZIP, True),
        (samples.gzip_bomb(5), kinds.GZIP, False),
        (b"PK\3\4", kinds.ZIP, False),
        (b"PK\5\6", kinds.ZIP, False),
        (b"\x1f", kinds.GZIP, False),
        (b"hello", kinds.TEXT, False),
    ],
)
def test_an_archive_that_says_it_becomes_huge_is_a_bomb(data: bytes, content_type: str, is_bomb: bool) -> None:
    assert archives.is_bomb(file(data), content_type, 2**30) is is_bomb


@pytest.mark.parametrize(
    ("name", "content_type", "is_lie"),
    [
        ("photo.PNG", kinds.TEXT, True),
        ("photo.jpg", kinds.PROGRAM, True),
        ("film.mp4", kinds.ZIP, True),
        ("photo.jpg", "image/heic", False),
        ("live.heic", "video/quicktime", False),
        ("photo.jpg", kinds.UNKNOWN, False),
        ("page.html", kinds.TEXT, False),
        ("noext", kinds.PROGRAM, False),
    ],
)
def test_only_what_is_known_for_sure_is_a_lie(name: str, content_type: str, is_lie: bool) -> None:
    assert bool(kinds.lie(name, content_type)) is is_lie


def test_boxes_without_end_are_left() -> None:
    endless = box(b"ftyp", b"isom") + struct.pack(">I", 8) + b"free"
    assert sniff(file(endless * 30_000)) == kinds.UNKNOWN
