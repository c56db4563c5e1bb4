"""A provider of OpenID Connect as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.live.stack import fetch, free_port, until

PEOPLE = [
    {
        "sub": "1",
        "preferred_username": "olga",
        "given_name": "Olga",
        "email": "olga@example.org",
        "email_verified": True,
    },
    {"sub": "2", "preferred_username": "bob", "given_name": "Bob", "email": "bob@example.org", "email_verified": True},
    {"sub": "3", "preferred_username": "eve", "email": "bob@example.org", "email_verified": False},
    {"sub": "4", "preferred_username": "b b\u202e", "email": "pat@elsewhere.example", "email_verified": True},
]


@contextmanager
def provider() -> Iterator[str]:
    """Run it for as long as the `with` block lasts; return its address."""
    port = free_port()
    people = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, "the provider has ended"
        try:
            return fetch(f"{url}/.well-known/openid-configuration").status_code == 200
        except httpx.TransportError:
            return False

    try:
        until(answers)
        yield url
    finally:
        process.terminate()
        process.wait()
