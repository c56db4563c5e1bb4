"""The receiver in docs/integrations-webhooks.md runs as it stands, and the JavaScript library verifies the same."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from notifications.webhooks import signing
from project import paths
from tests.live.stack import common, free_port, made_once, until

BODY = json.dumps({"type": "webhook.test", "timestamp": "2026-11-30T09:15:00Z", "data": {"text": "Grüße 🎉"}}).encode()
VERIFY = """
import {{ Webhook }} from "standardwebhooks";
const [secret, headers, body] = JSON.parse(process.argv[1]);
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
"""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """The documented receiver: its address, its secret, and the file of what it prints."""
    (source,) = re.findall(r"```python\n(.*?)```", (paths.BASE_DIR / "docs/integrations-webhooks.md").read_text(), re.S)
    (tmp_path / "receiver.py").write_text(source)
    secret, port = signing.new_secret(), free_port()
    env = {"PATH": os.environ["PATH"], "WEBHOOK_SECRET": secret, "PORT": str(port)}
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen([sys.executable, tmp_path / "receiver.py"], env=env, stdout=out, stderr=out)
    try:
        until(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}/", secret, tmp_path / "out"
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 501
    except httpx.TransportError:
        return False


def test_the_documented_receiver_takes_each_event_once_and_nothing_forged(receiver: tuple[str, str, Path]) -> None:
    url, secret, out = receiver
    headers = signing.headers("msg_1", int(time.time()), BODY, [secret, signing.new_secret()])
    late = signing.headers("msg_2", int(time.time()) - 3600, BODY, [secret])
    forged = signing.headers("msg_3", int(time.time()), BODY, [signing.new_secret()])
    sent: list[dict[str, str]] = [headers, headers, late, forged, {}, headers | {"webhook-signature": "v1,ä b,"}]
    answers = [httpx.post(url, content=BODY, headers=_encoded(each), trust_env=False).status_code for each in sent]
    assert answers == [204, 204, 400, 400, 400, 400]
    heard = [line for line in out.read_text().splitlines() if line.startswith("webhook.test")]
    assert heard == ['webhook.test {"text": "Gr\\u00fc\\u00dfe \\ud83c\\udf89"}']


def _encoded(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in headers.items()}


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which Node finds Standard Webhooks' own library."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("Node and npm are not there")

    def install(directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "standardwebhooks@1.1.1"]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install standardwebhooks: {done.stderr[-200:]}")

    return made_once(common(tmp_path_factory) / "standardwebhooks", install)


@pytest.mark.parametrize("of", [0, 1])
def test_the_javascript_library_verifies_either_secret(node: Path, of: int) -> None:
    secrets = [signing.new_secret(), signing.new_secret()]
    said: Any = [secrets[of], signing.headers("msg_1", int(time.time()), BODY, secrets), BODY.decode()]
    command = ["node", "--input-type=module", "--eval", VERIFY.format(), json.dumps(said)]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout or "null") == json.loads(BODY), done.stderr
