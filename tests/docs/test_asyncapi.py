"""docs/asyncapi.json: it is what the code says, it is valid, and the server's frames are as it says."""

import json
import subprocess
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.contrib.auth.models import User

from messaging.models import Chat
from notifications.inbox.notify import notify
from notifications.live import streams
from notifications.relay.programs import frames_of, mark
from project.asyncapi import document
from tests.docs.node import modules

FILE = Path(__file__).parents[2] / "docs/asyncapi.json"
CHECK = """
import { Parser, fromFile } from "@asyncapi/parser"
const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse()
const wrong = diagnostics.filter(({ severity }) => severity === 0)
for (const each of wrong) console.log(each.path.join("."), each.message)
process.exit(document && !wrong.length ? 0 : 1)
"""


def test_the_file_is_what_the_code_says() -> None:
    assert json.loads(FILE.read_text()) == document(), "python -m project.asyncapi > docs/asyncapi.json"


def test_its_own_parser_takes_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = modules(tmp_path_factory)
    (directory / "check.js").write_text(CHECK)
    done = subprocess.run(["node", "check.js", str(FILE)], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_frames_are_as_it_says(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "hello")
    message.edit("hello *bob*")
    room.post(bob, "gone").delete_body()
    room.rename("Another name", alice)
    notify(bob, "The oven is hot.", url="/oven/")
    described = document()
    frames = [
        frame
        for name in (room.stream, streams.of_person(bob.pk))
        for frame in frames_of(name, streams.data(name, 0).entries)
    ]
    frames += [mark(room.stream, 1, kind) for kind in ("synced", "reset", "over", "changed")]
    told = [json.loads(frame.message["text"]) for frame in frames]
    assert {each["type"] for each in told} == described["channels"]["stream"]["messages"].keys()
    for each in told:
        schema = {"$ref": f"#/components/schemas/{each['type']}", "components": described["components"]}
        jsonschema.validate(each, schema)
