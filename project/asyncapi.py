"""The document that describes what programs are told: `python -m project.asyncapi > docs/asyncapi.json`.

Its schemas are those of the data itself; a test holds it to the server's frames.
"""

import json
from typing import Any

REFERENCE = "#/components/schemas/{model}"
MARKS = {
    "chat": "The name of the chat is new.",
    "changed": "Something has changed that is to be asked for.",
    "synced": "Everything up to this `seq` has been sent; also a sign of life.",
    "reset": "The place that was asked for has never been here.",
    "over": "The stream is not open to this reader any more.",
}


def document() -> dict[str, Any]:
    """Return the AsyncAPI document."""
    from pydantic import TypeAdapter

    from messaging.messages.data import MessageData
    from notifications.inbox.data import NotificationData

    schemas: dict[str, Any] = {}
    for data in (MessageData, NotificationData):
        schema = TypeAdapter(data).json_schema(ref_template=REFERENCE, mode="serialization")
        schemas |= schema.pop("$defs", {})
        schemas[data.__name__] = schema
    schemas["message"] = {"allOf": [_frame("message"), {"$ref": REFERENCE.format(model="MessageData")}]}
    item = {"$ref": REFERENCE.format(model="NotificationData")}
    schemas["notifications"] = _frame("notifications", notifications={"type": "array", "items": item})
    schemas |= {kind: _frame(kind) for kind in MARKS}
    schemas["chat"] = _frame("chat", id={"type": "integer"}, name={"type": "string"})
    frames = {"message": "A message as it is now.", "notifications": "Notifications of one change.", **MARKS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bellwire",
            "version": "1",
            "description": "Frames of `bellwire.json`, one JSON object of less than 256 KiB each; server-sent events "
            "say the same. docs/integrations-live.md says how to come back, and what the close codes mean.",
        },
        "servers": {
            "site": {
                "host": "chat.example.org",
                "protocol": "wss",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {"stream": _channel(frames)},
        "operations": {
            "listen": {
                "action": "send",
                "channel": {"$ref": "#/channels/stream"},
                "summary": "What the server sends; nothing is sent to it.",
                "messages": [{"$ref": f"#/channels/stream/messages/{kind}"} for kind in frames],
            }
        },
        "components": {
            "schemas": schemas,
            "messages": {
                kind: {"summary": summary, "payload": {"$ref": REFERENCE.format(model=kind)}}
                for kind, summary in frames.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _channel(frames: dict[str, str]) -> dict[str, Any]:
    from notifications.relay.close_codes import CloseCode

    return {
        "address": "/ws/live/{kind}/{pk}/",
        "parameters": {
            "kind": {"description": "`chat`, or `user` for a person's notifications.", "enum": ["chat", "user"]},
            "pk": {"description": "The id of the chat, or of the person."},
        },
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in frames},
        "bindings": {
            "ws": {
                "query": {
                    "type": "object",
                    "properties": {"after": {"type": "integer", "description": "The `seq` that was handled last."}},
                },
                "headers": {
                    "type": "object",
                    "properties": {"Sec-WebSocket-Protocol": {"type": "string", "const": "bellwire.json"}},
                },
            }
        },
        "x-close-codes": {str(int(code)): code.name.lower() for code in CloseCode},
    }


def _frame(kind: str, **fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "stream": {"type": "string"},
            "seq": {"type": "integer"},
            "type": {"type": "string", "const": kind},
            **fields,
        },
        "required": ["stream", "seq", "type", *fields],
    }


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    print(json.dumps(document(), indent=1))
