"""Where files lie: behind Django's storage API, by the key of their attachment."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

ORIGINAL, THUMBNAIL, LARGE = "original", "thumbnail", "large"
CHUNK = 256 * 1024


def place() -> Storage:
    """Return where the site keeps them."""
    return storages["attachments"]


def name(key: UUID, what: str) -> str:
    """Return what a file is called there."""
    return f"{key.hex[:2]}/{key.hex}.{what}"


def path(key: UUID, what: str) -> str:
    """Return the path of a file below the storage, for a proxy that reads there; nothing if it lies elsewhere."""
    return name(key, what) if isinstance(place(), FileSystemStorage) else ""


def put(key: UUID, what: str, file: IO[bytes]) -> None:
    """Keep a file, in place of what is there."""
    place().delete(name(key, what))
    place().save(name(key, what), file if isinstance(file, File) else File(file))


def exists(key: UUID, what: str) -> bool:
    """Return whether it is there."""
    return place().exists(name(key, what))


def copy(key: UUID, what: str, to: UUID) -> None:
    """Keep a file under another key, too, unread where that can be; FileNotFoundError if it is not there."""
    storage: Any = place()
    if not exists(key, what):
        raise FileNotFoundError(name(key, what))
    if hasattr(storage, "bucket"):
        source, target = (storage._normalize_name(name(each, what)) for each in (key, to))
        storage.bucket.Object(target).copy({"Bucket": storage.bucket.name, "Key": source})
    elif isinstance(storage, FileSystemStorage):
        # No file is ever written to again, so both may be the same one until the last of its names goes.
        target = Path(storage.path(name(to, what)))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(storage.path(name(key, what)))
        except OSError:  # Not every file system has that.
            _put_copy(key, what, to)
    else:
        _put_copy(key, what, to)


def _put_copy(key: UUID, what: str, to: UUID) -> None:
    with opened(key, what) as file:
        put(to, what, file)


def opened(key: UUID, what: str) -> Any:
    """Open a file; FileNotFoundError if it is not there."""
    return place().open(name(key, what))


def size(key: UUID, what: str) -> int:
    """Return how many bytes it has; FileNotFoundError if it is not there."""
    return place().size(name(key, what))


def delete(key: UUID) -> None:
    """Delete all of an attachment that is there."""
    for what in (ORIGINAL, THUMBNAIL, LARGE):
        place().delete(name(key, what))


def chunks(key: UUID, what: str, start: int, length: int) -> Iterator[bytes]:
    """Yield a part of a file; where it lies on another machine, only that part is fetched."""
    storage: Any = place()
    if hasattr(storage, "bucket"):
        # Its files are fetched as a whole before the first byte can be read.
        stored = storage.bucket.Object(storage._normalize_name(name(key, what)))
        body = stored.get(Range=f"bytes={start}-{start + length - 1}")["Body"]
        yield from body.iter_chunks(CHUNK)
    else:
        with storage.open(name(key, what)) as file:
            file.seek(start)
            while length > 0 and (data := file.read(min(length, CHUNK))):
                length -= len(data)
                yield data
