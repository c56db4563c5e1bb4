"""Where the files of messages lie: in the state directory, or in a bucket that speaks S3."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from project import paths


def attachments(url: str) -> dict[str, Any]:
    """Return the storage of an address like `s3://key:secret@host/bucket?region=…`; without one, a directory.

    Without a host it is Amazon's, and without a key whatever the machine has. `tls=off` is for a host close by.
    """
    if not url:
        options = {"location": paths.state_dir() / "private" / "attachments", "file_permissions_mode": 0o640}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    parts = urlsplit(url)
    bucket = parts.path.strip("/") or parts.hostname
    if parts.scheme != "s3" or not bucket:
        raise ImproperlyConfigured("ATTACHMENTS_URL is like s3://key:secret@host/bucket?region=eu-central-1.")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": bucket, **_options(parts)}}


def _options(parts: Any) -> dict[str, Any]:
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config

    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "region_name": asked.get("region"),
        "file_overwrite": True,
        # One part of a file at a time: several are several times the memory.
        "transfer_config": TransferConfig(use_threads=False),
    }
    style = "path" if parts.path.strip("/") else "auto"
    # A bucket that does not answer is not to keep those waiting who want something else.
    bounds = {"connect_timeout": 5, "read_timeout": 20, "retries": {"total_max_attempts": 2}}
    options["client_config"] = Config(s3={"addressing_style": style}, signature_version="s3v4", **bounds)
    if parts.path.strip("/"):
        scheme = "http" if asked.get("tls") == "off" else "https"
        port = f":{parts.port}" if parts.port else ""
        options["endpoint_url"] = f"{scheme}://{parts.hostname}{port}"
    return options
