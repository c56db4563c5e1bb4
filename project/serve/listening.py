"""Listening sockets, made here so that several processes can share one."""

import ipaddress
import socket

BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; an OSError says why it cannot."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family)
    try:
        # The connections of the process before must not keep its address.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return _non_blocking(listener)


def adopt(descriptor: int) -> socket.socket:
    """Return the listening socket that the parent process has left open under this number."""
    return _non_blocking(socket.socket(fileno=descriptor))


def _non_blocking(listener: socket.socket) -> socket.socket:
    # Of several processes that are woken by one connection, all but one find nothing to accept.
    listener.setblocking(False)
    return listener


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on a host: an address or a name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
