"""A program that uses the HTTP API by a token, as one person."""

import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from notifications.models import Token
from notifications.push import Scope

ALL = tuple(Scope.values)


class Program:
    """Sends JSON, and returns Django's answers."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.token, self.secret = Token.objects.issue(user, "test", scopes or ALL)
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def get(self, path: str, /, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=headers)

    def post(self, path: str, /, key: str = "", **body: Any) -> Any:
        return self.send("POST", path, body, {"Idempotency-Key": key} if key else None)

    def put(self, path: str, /, **body: Any) -> Any:
        return self.send("PUT", path, body)

    def patch(self, path: str, /, **body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1/{path}")

    def form(self, path: str, /, key: str = "", **fields: Any) -> Any:
        """Send a form with files in it."""
        return self.client.post(f"/api/v1/{path}", fields, headers={"Idempotency-Key": key} if key else None)

    def send(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        content = json.dumps(body)
        return self.client.generic(method, f"/api/v1/{path}", content, "application/json", headers=headers)


def problem(answer: Any, status: int) -> str:
    """Return why something was refused, which is said in the one form of all errors."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    return str(said["detail"])
