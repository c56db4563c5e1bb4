"""What each kind of file is shown as, and which names promise what."""

from typing import NamedTuple

PICTURE, FILM, SOUND, FILE = "picture", "film", "sound", "file"
TEXT, PDF, ZIP, GZIP = "text/plain", "application/pdf", "application/zip", "application/gzip"
PROGRAM, UNKNOWN = "application/x-executable", "application/octet-stream"
HEIC = "image/heic"

SHOWN = {
    "image/jpeg": PICTURE,
    "image/png": PICTURE,
    "image/gif": PICTURE,
    "image/webp": PICTURE,
    "image/avif": PICTURE,
    HEIC: PICTURE,
    "video/mp4": FILM,
    "video/quicktime": FILM,
    "video/webm": FILM,
    "video/3gpp": FILM,
    "audio/mp4": SOUND,
    "audio/mpeg": SOUND,
    "audio/ogg": SOUND,
    "audio/webm": SOUND,
    "audio/wav": SOUND,
    "audio/flac": SOUND,
    "audio/aac": SOUND,
}
"""What is shown or played in place. No browser runs any of these; all else is a download."""

PROMISED = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif"), PICTURE),
    **dict.fromkeys(("mp4", "m4v", "mov", "webm", "3gp"), FILM),
    **dict.fromkeys(("m4a", "mp3", "ogg", "opus", "wav", "flac", "aac"), SOUND),
}
"""What a name says by its ending."""
CERTAIN = {TEXT: "text", PDF: "a PDF", ZIP: "an archive", GZIP: "an archive", PROGRAM: "a program"}
"""What is known for sure to be none of these. What is merely not recognised is taken as it comes."""


class Found(NamedTuple):
    """What a file has proved to be; pictures have a size in pixels, as they are looked at."""

    content_type: str
    width: int | None = None
    height: int | None = None
    is_animated: bool = False
    orientation: int = 1

    @property
    def kind(self) -> str:
        """What it is shown as."""
        return SHOWN.get(self.content_type, FILE)


def ending(name: str) -> str:
    """Return what stands behind the last dot of a name."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def lie(name: str, content_type: str) -> str:
    """Return what a file is that its name says it is not, in words; nothing if it may be what it says."""
    return CERTAIN.get(content_type, "") if ending(name) in PROMISED else ""
