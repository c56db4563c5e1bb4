"""Who asks, behind a proxy: what it says of that is believed where BEHIND_PROXY says so, and nowhere else."""

from collections.abc import Coroutine, Iterable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings


class ClientsBehindProxy:
    """Puts a client's address into `scope["client"]`, for requests and sockets.

    It is the last one in X-Forwarded-For, which the proxy has added: those before it are whatever the client has said.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        markcoroutinefunction(self)  # Or other servers would take it for an application of ASGI 2.

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        if settings.BEHIND_PROXY and (address := _last_hop(scope["headers"])):
            scope = {**scope, "client": (address, 0)}
        return self.application(scope, receive, send)


def _last_hop(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    hops = b",".join(value for name, value in headers if name.lower() == b"x-forwarded-for")
    last = hops.decode("latin-1").rpartition(",")[2].strip()
    # Some proxies add the port.
    for host in (last, last.rpartition(":")[0]):
        with suppress(ValueError):
            address = ip_address(host.strip("[]"))
            # One client is to have one address, however it is written.
            return str((isinstance(address, IPv6Address) and address.ipv4_mapped) or address)
    return None
