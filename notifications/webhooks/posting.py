"""One try: an event is posted to an address, within bounds of time and size, and whatever comes of it is an answer."""

import time
from typing import Any

import aiohttp
from django.core.exceptions import ValidationError

from notifications.webhooks import guarding, signing
from notifications.webhooks.answers import Answer
from notifications.webhooks.models import WebhookDelivery

WHOLE_SECONDS = 15
"""So long a try takes at most: looking the address up, connecting, sending, and reading the answer."""
TIMES = aiohttp.ClientTimeout(total=WHOLE_SECONDS, sock_connect=5, sock_read=10)
MOST_READ = 64 * 1024
"""So many bytes of an answer are read; what follows is left."""
MOST_KEPT = 4096
AGENT = "Bellwire-Webhooks"


def session() -> aiohttp.ClientSession:
    """Return what posts: without cookies, without proxies of the environment, and each time over its own connection."""
    return aiohttp.ClientSession(
        connector=guarding.connector(),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
    )


async def post(session: aiohttp.ClientSession, delivery: WebhookDelivery) -> Answer:
    """Send an event to its webhook; never raises."""
    began_at = time.monotonic()
    found: dict[str, Any] = {}
    try:
        # An address that was kept when private ones were allowed, or that only aiohttp takes for a numeric one.
        url = guarding.clean(delivery.webhook.url)
        found = await _exchange(session, url, delivery)
    except ValidationError as error:
        found = {"error": error.messages[0]}
    except TimeoutError:
        found = {"error": f"There was no whole answer within the time ({WHOLE_SECONDS} s at most)."}
    except (aiohttp.ClientError, OSError, ValueError) as error:
        found = {"error": _plain(error)}
    return Answer(milliseconds=round((time.monotonic() - began_at) * 1000), **found)


async def _exchange(session: aiohttp.ClientSession, url: str, delivery: WebhookDelivery) -> dict[str, Any]:
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": AGENT,
        **signing.headers(delivery.key, int(time.time()), body, delivery.webhook.secrets),
    }
    async with session.post(url, data=body, headers=headers, timeout=TIMES, allow_redirects=False) as response:
        text = await _beginning(response)
        return {"status": response.status, "text": text, "retry_after": response.headers.get("Retry-After", "")}


async def _beginning(response: aiohttp.ClientResponse) -> str:
    read = b""
    async for chunk in response.content.iter_chunked(MOST_KEPT):
        read += chunk
        if len(read) >= MOST_READ:
            break
    # PostgreSQL keeps no NUL.
    return read[:MOST_KEPT].decode(errors="replace").replace("\0", "�")


def _plain(error: BaseException) -> str:
    """Return in words what is wrong; aiohttp wraps what the guard says."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, guarding.Refused):
            return str(inner)
        inner = inner.__cause__
    return f"It could not be reached: {str(error) or type(error).__name__}"
