"""The whole HTTP API against a real server: what random programs send is answered as its document says."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import node
from tests.live.stack import UNLIMITED, Stack, fetch

pytestmark = pytest.mark.live

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "negative_data_rejection", "ignored_auth"),
)
"""Not that whatever fits the schema is taken, for a schema does not say what an emoji is; nor that other methods are a
405, for it sends a body with GET, which is a 413 here at any address."""
EXAMPLES = 25
"""For each operation and kind of data."""
SCOPES = ("read", "write", "notify", "jobs", "announce")


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(code, tmp_path_factory.mktemp("api") / "state", LIMITS=f"{UNLIMITED},api=0/1h") as running:
        yield running


def token(site: Stack, username: str, *scopes: str) -> str:
    """Make a token as whoever runs the site does."""
    command = [sys.executable, "manage.py", "token", username, *(f"--scope={scope}" for scope in scopes or SCOPES)]
    said = subprocess.run(command, cwd=site.code, env=site.env, capture_output=True, text=True, check=True)
    return said.stdout.strip()


@pytest.mark.timeout(600)
def test_nothing_that_programs_send_breaks_it_and_all_answers_are_documented(site: Stack, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{site.url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {token(site, 'alice')}", "--checks", ",".join(CHECKS)),
        *("--max-examples", str(EXAMPLES), "--seed", "1", "--generation-deterministic", "--no-color"),
        *("--phases", "examples,coverage,fuzzing", "--workers", "2"),
    ]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": ""}
    told = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-8000:] + told.stderr[-2000:]
    assert "Internal Server Error" not in site.log


PROGRAM = """
import sys

from bellwire_client import AuthenticatedClient
from bellwire_client.api.chats import list_chats
from bellwire_client.api.messages import post_message
from bellwire_client.models import ChatList, MessageData, NewMessage

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
chats = list_chats.sync(client=client)
assert isinstance(chats, ChatList), chats
said = post_message.sync(chats.chats[0].id, client=client, body=NewMessage(text="By a client that was made."))
assert isinstance(said, MessageData), said
print(said.id, said.author.username, said.text)
"""


def test_a_python_client_that_is_made_of_the_document_fits_its_types_and_posts(site: Stack, tmp_path: Path) -> None:
    def run(*command: str) -> str:
        env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "no_proxy": "*"}
        told = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    (tmp_path / "openapi.json").write_text(fetch(f"{site.url}/api/v1/openapi.json").text)
    run(
        "openapi-python-client",
        "generate",
        "--path",
        "openapi.json",
        "--meta",
        "none",
        "--output-path",
        "bellwire_client",
    )
    (tmp_path / "program.py").write_text(PROGRAM)
    # By the types of what was made; the maker's own module, client.py, does not fit mypy's of httpx.
    run(sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent", "program.py")
    said = run(sys.executable, "program.py", site.url, token(site, "alice"))
    assert said.split(maxsplit=1)[1] == "alice By a client that was made.\n"
    with site.client() as client:
        headers = {"Authorization": f"Bearer {token(site, 'alice')}"}
        assert client.get(f"/api/v1/messages/{said.split()[0]}", headers=headers).json()["text"] in said


TYPED_PROGRAM = """
import createClient from "openapi-fetch"
import type { paths } from "./api.d.ts"

const [site, token] = process.argv.slice(2)
const { GET, POST } = createClient<paths>({ baseUrl: site, headers: { Authorization: `Bearer ${token}` } })

const { data: found, error } = await GET("/api/v1/chats", { params: { query: { limit: 5 } } })
if (!found) throw new Error(error.detail)
const params = { path: { chat: found.chats[0]!.id } }
const { data: said } = await POST("/api/v1/chats/{chat}/messages", { params, body: { text: "By its types." } })
if (!said) throw new Error("Nothing was said.")
// @ts-expect-error: the document knows no field of that name.
const refused = await POST("/api/v1/chats/{chat}/messages", { params, body: { txet: "No" } })
console.log(refused.response.status, refused.error?.errors?.length, said.id, said.author.username, said.text)
"""


def test_a_typescript_client_that_is_made_of_the_document_fits_its_types_and_posts(
    site: Stack, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    installed = node.modules(tmp_path_factory) / "node_modules"
    (tmp_path / "node_modules").symlink_to(installed)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "openapi.json").write_text(fetch(f"{site.url}/api/v1/openapi.json").text)
    (tmp_path / "program.ts").write_text(TYPED_PROGRAM)

    def run(program: str, *arguments: str) -> str:
        command = ["node", program, *arguments]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    run("node_modules/openapi-typescript/bin/cli.js", "openapi.json", "--output", "api.d.ts")
    strict = ("--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "es2022", "--module", "nodenext")
    run("node_modules/typescript/bin/tsc", *strict, "program.ts")
    said = run("program.js", site.url, token(site, "alice")).split(maxsplit=3)
    # A field that is missing, and one that there is not.
    assert (said[:2], said[3]) == (["422", "2"], "alice By its types.\n")
    with site.client() as client:
        headers = {"Authorization": f"Bearer {token(site, 'alice')}"}
        assert client.get(f"/api/v1/messages/{said[2]}", headers=headers).json()["text"] in said[3]
