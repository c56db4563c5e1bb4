"""M9: what goes through Redis can be kept from others, by TLS and a password."""

import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import trustme

from tests.live.person import Person
from tests.live.stack import Stack, doctor, free_port, until

# The embedded one cannot: its wheel is built without TLS.
SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not SERVER, reason="no valkey-server, no redis-server (Debian: apt install redis-server)"),
]

PASSWORD = "a-long-password"


@contextmanager
def guarded_redis(directory: Path) -> Iterator[str]:
    """Run a Redis that speaks TLS alone and wants a password; yield its address."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(directory / "server.pem")
    port = free_port()
    options = {
        "port": "0",
        "tls-port": str(port),
        "tls-cert-file": str(directory / "server.pem"),
        "tls-key-file": str(directory / "server.pem"),
        "tls-ca-cert-file": str(directory / "authority.pem"),
        "tls-auth-clients": "no",
        "requirepass": PASSWORD,
        "save": "",
        "dir": str(directory),
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    url = f"rediss://:{PASSWORD}@127.0.0.1:{port}?ssl_ca_certs={directory / 'authority.pem'}"
    with subprocess.Popen([str(SERVER), *words], stdout=subprocess.DEVNULL) as process:
        try:
            with redis.Redis.from_url(url) as client:
                until(lambda: _answers(client))
                yield url
        finally:
            process.terminate()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_all_of_the_site_works_with_a_redis_behind_tls_and_a_password(code: Path, tmp_path: Path) -> None:
    with guarded_redis(tmp_path) as url, Stack(code, tmp_path / "state", REDIS_URL=url) as stack:
        assert not stack.redis_socket.exists()
        alice, bob = Person(stack, "alice"), Person(stack, "bob")
        chat = alice.chat("General")
        with bob.socket(bob.own_stream) as bell:
            bell.frames_until("cursor-user")
            alice.post(f"/chats/{chat}/messages/", {"body": "@bob tea?", "client_id": str(uuid.uuid4())})
            bell.frames_until("tea?", timeout=10)
        code_of_doctor, said = doctor(stack)
        assert code_of_doctor == 0, said
        assert PASSWORD not in stack.log + said


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(PASSWORD, "wrong"), ("rediss://", "redis://"), (r"\?.*", "")],
    ids=["wrong password", "without TLS", "unknown authority"],
)
def test_a_redis_that_does_not_trust_us_or_cannot_be_trusted_is_a_clear_refusal(
    code: Path, tmp_path: Path, right: str, wrong: str
) -> None:
    with guarded_redis(tmp_path) as url:
        stack = Stack(code, tmp_path / "state", REDIS_URL=re.sub(right, wrong, url))
        assert stack.launch().process.wait(timeout=30) == 1
        assert stack.log.startswith("Redis cannot be used: ")
        assert "Traceback" not in stack.log
        assert PASSWORD not in stack.log
