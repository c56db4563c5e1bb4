"""Serve the site in one process: `.venv/bin/python -m project.serve [uvicorn|daphne] [--host H --port P | --fd N]`."""

import argparse
import resource
import socket
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from project.serve import listening

if TYPE_CHECKING:
    from project.threads import SynchronousHandler

SERVERS = ("uvicorn", "daphne")
DESCRIPTORS = 65_536
"""How many connections and files one process may have open, where the system allows as many."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, then send the open pages away and finish the running requests."""
    arguments = _arguments()
    _allow_descriptors()
    # In this order: the apps need Django set up before they are imported, and whoever can connect is served at once.
    asgi = import_module("project.asgi")
    _rehearse(asgi.handler)
    listener = _listener(arguments)
    _refuse_published_passwords(listener)
    server = import_module(f"project.serve.{arguments.server}")
    server.serve(asgi.application, listener, shares_listener=arguments.fd is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m project.serve", description=__doc__)
    parser.add_argument("server", nargs="?", choices=SERVERS, default=SERVERS[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="descriptor of a listening socket that other processes may share")
    return parser.parse_args()


def _rehearse(handler: "SynchronousHandler") -> None:
    from project import ready, threads

    # A pool of connections begins with two, which take turns.
    for _ in range(2):
        threads.on_a_thread(lambda: ready.rehearse(handler.get_response))


def _refuse_published_passwords(listener: socket.socket) -> None:
    from django.conf import settings

    from messaging.accounts import demo

    host = listener.getsockname()[0] if listener.family != socket.AF_UNIX else "localhost"
    if not (settings.LOCAL and listening.is_loopback(host)) and (names := demo.open_to_anybody()):
        sys.exit(
            f"Bellwire: others can reach this site, and anybody can sign in as {', '.join(names)} with the password"
            f" of the demo. Use an empty database, or change it: manage.py changepassword {names[0]}"
        )


def _allow_descriptors() -> None:
    # Each socket is one, and what a shell gives a process by default is often 1,024.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _listener(arguments: argparse.Namespace) -> socket.socket:
    try:
        if arguments.fd is None:
            return listening.bind(arguments.host, arguments.port)
        else:
            return listening.adopt(arguments.fd)
    except OSError as error:
        where = f"{arguments.host}:{arguments.port}" if arguments.fd is None else f"descriptor {arguments.fd}"
        sys.exit(f"Bellwire: cannot listen on {where} ({error.strerror}).")


if __name__ == "__main__":
    main()
