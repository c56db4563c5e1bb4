"""Signatures as in Standard Webhooks 1.0: https://www.standardwebhooks.com."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret that nobody has yet: its bytes in padded standard base64, for that is what receivers decode."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(key: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers that say which message these bytes are, when it is sent (a Unix time) and that it is ours.

    Each of the secrets signs it, and receivers that know one of them are content. Exactly one space is between the
    signatures: two raise in the Python library.
    """
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, key, timestamp, body) for secret in secrets),
    }


def _signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    signed = b"%s.%d.%s" % (key.encode(), timestamp, body)
    digest = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
