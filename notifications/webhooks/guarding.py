"""Where webhooks may be sent: to the public internet alone, unless WEBHOOKS_ALLOW_PRIVATE says otherwise.

An address is looked up once for each try, all that it leads to is judged, and the connection is made to just that.
So no answer of a name server that comes later leads it elsewhere. Whatever way a connection is to be made, its socket
is made here, behind the same judgement.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings
from django.core.exceptions import ValidationError

LONGEST = 2000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
REFUSED = "leads to an address that is not public"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(OSError):
    """The address is none that webhooks may be sent to."""


class Resolver(AbstractResolver):
    """Looks a name up; Refused if anything that it leads to is not public."""

    def __init__(self) -> None:
        self.found = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self.found.resolve(host, port, family)
        for each in found:
            judge(each["host"])
        return found

    async def close(self) -> None:
        await self.found.close()


def make_socket(address: Any) -> socket.socket:
    """Make the socket of a connection to what `getaddrinfo` has found; Refused if that is not public."""
    family, kind, protocol, _, place = address
    judge(place[0])
    return socket.socket(family, kind, protocol)


def connector() -> aiohttp.TCPConnector:
    """Return what makes the connections of webhooks, each for one request."""
    return aiohttp.TCPConnector(
        resolver=Resolver(), socket_factory=make_socket, use_dns_cache=False, force_close=True, limit=0
    )


def judge(found: str) -> None:
    """Raise Refused unless this numeric address is public, or private ones are allowed."""
    if not settings.WEBHOOKS_ALLOW_PRIVATE and not is_public(ipaddress.ip_address(found.partition("%")[0])):
        raise Refused(f"It {REFUSED}: {found}.")


def is_public(address: Address) -> bool:
    """Return whether it is an address of one machine in the public internet; of a wrapped one, the inner one."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside:
            return is_public(inside)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def clean(typed: str) -> str:
    """Return the address of a webhook as it is kept; ValidationError says why it is none."""
    url = typed.strip()
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ValidationError("This is no address.", code="no_address") from None
    schemes = ("https", "http") if settings.WEBHOOKS_ALLOW_PRIVATE else ("https",)
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST:
        raise ValidationError(f"Write the address in plain letters, {LONGEST} at most.", code="letters")
    if parts.scheme not in schemes or not host or port == 0:
        raise ValidationError("A webhook has an address that begins with https://.", code="scheme")
    if "@" in parts.netloc or parts.fragment:
        raise ValidationError("Leave out names, passwords and what follows a #: they are not sent.", code="extra")
    if _is_numeric(host):
        _judge_numeric(host)
    return url


def _is_numeric(host: str) -> bool:
    # As aiohttp sees it, which looks such a host up nowhere.
    return ":" in host or host.replace(".", "").isdigit()


def _judge_numeric(host: str) -> None:
    try:
        judge(host)
    except ValueError:
        raise ValidationError("Write a numeric address with four numbers, or in brackets.", code="numeric") from None
    except Refused:
        raise ValidationError(f"This {REFUSED}.", code="private") from None
