"""Where programs post: no page, no session, no form's token, and never a redirect, by which what is posted is lost."""

import json
import logging
import re
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from messaging.chats.models.chat import Chat
from messaging.hooks.models import Hook, HookPost
from messaging.hooks.reading import posts
from messaging.hooks.reading.payload import MULTIPART, Posted, Unreadable
from notifications.push import limits

logger = logging.getLogger(__name__)

METHODS = ("POST", "PUT")
PLACE = re.compile(r"(?:(?P<pk>\d{1,18})/)?(?P<token>[a-z0-9]{26})(?:/slack)?/?")
SAID_BY_HEADERS = ("x-title", "title", "x-message", "message")


class Answer(NamedTuple):
    """What a sender is told: its status, Slack's word for what is wrong, and why in one line."""

    status: int
    word: str = ""
    reason: str = ""
    headers: dict[str, str] = {}

    def response(self, *, is_json: bool) -> "Answered":
        """Return it as senders need it: `ok`, or JSON from an address of two parts, as Rocket.Chat answers."""
        if is_json:
            said = {"success": False, "error": self.word, "reason": self.reason} if self.word else {"success": True}
            text, content_type = json.dumps(said), "application/json"
        else:
            text, content_type = f"{self.word}: {self.reason}" if self.word else "ok", "text/plain; charset=utf-8"
        return Answered(text, status=self.status, headers=self.headers, content_type=content_type)


class Answered(HttpResponse):
    """A response that notes when it has been sent: the server closes it then, and never one whose client is gone."""

    post: HookPost | None = None

    def close(self) -> None:
        try:
            if self.post:
                self.post.answered()
        except DatabaseError:
            logger.exception("That a hook has answered could not be noted")
        super().close()


OK = Answer(200)
GONE = Answer(410, "no_service", "this address is not one of a hook, or not any more")
OFF = Answer(410, "no_service", "this hook is switched off")
REMOVED = Answer(410, "no_service", "the hook was removed from its room")
PLAIN_HTTP = Answer(403, "https_required", "this address begins with https://")
NOT_POSTED = Answer(405, "method_not_allowed", "post here", {"Allow": ", ".join(METHODS)})
TOO_LARGE = Answer(422, "invalid_payload", "this is more than is read")
FAILED = Answer(500, "server_error", "the site had a problem; send it again")


@csrf_exempt
@login_not_required
def receive(request: HttpRequest, place: str) -> HttpResponse:
    """Say in a hook's room what was posted to its address."""
    found = PLACE.fullmatch(place)
    try:
        answer, post = _answer(request, found)
    except Exception:
        # Nobody reads a page here, and to senders this is what may be sent again.
        logger.exception("What was posted to a hook could not be taken")
        answer, post = FAILED, None
    response = answer.response(is_json=bool(found and found["pk"]))
    response.post = post
    return response


def _answer(request: HttpRequest, found: re.Match[str] | None) -> tuple[Answer, HookPost | None]:
    if request.method not in METHODS:
        return NOT_POSTED, None
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return PLAIN_HTTP, None
    hooks = Hook.objects.select_related("chat", "bot__user__called")
    hook = hooks.filter(token=found["token"], **({"pk": found["pk"]} if found["pk"] else {})).first() if found else None
    if hook is None:
        return GONE, None
    return _take(request, hook) if hook.is_on else (OFF, None)


def _take(request: HttpRequest, hook: Hook) -> tuple[Answer, HookPost | None]:
    try:
        limits.take("hooks", hook.pk)
        posted = _posted(request)
        return OK, hook.say(posts.read(posted), _digest(posted))
    except Hook.DoesNotExist:
        return GONE, None
    except limits.Limited as error:
        answer = Answer(429, "rate_limited", str(error.message), {"Retry-After": str(error.seconds)})
    except RequestDataTooBig:
        answer = TOO_LARGE
    except Unreadable as error:
        answer = Answer(422, error.word, error.reason)
    except ValidationError as error:
        answer = Answer(422, "invalid_payload", error.messages[0])
    except Chat.DoesNotExist:
        answer = REMOVED
    if limits.allowed("hooks", "refused", hook.pk):
        hook.refuse(f"{answer.status} {answer.word}: {answer.reason}", _shown(request))
    return answer, None


def _posted(request: HttpRequest) -> Posted:
    body, content_type = request.body, (request.content_type or "").lower()
    fields: dict[str, str] = {}
    if content_type == MULTIPART:
        try:
            fields = {name: str(value) for name, value in request.POST.items()}
            names = [str(file.name) for file in request.FILES.values()]  # type: ignore[union-attr]
        except (MultiPartParserError, SuspiciousOperation, ValueError) as error:
            raise Unreadable("invalid_payload", "this form cannot be read") from error
        if names and not fields:
            fields = {"text": " ".join(f"📎 {name}" for name in names)}
    headers = {name.lower(): value for name, value in request.headers.items()}
    charset = (request.content_params or {}).get("charset", "")
    return Posted(body, content_type, charset, fields, headers)


def _digest(posted: Posted) -> str:
    headers = [posted.headers.get(name, "") for name in SAID_BY_HEADERS]
    return sha256(repr((posted.body, posted.content_type, headers)).encode()).hexdigest()


def _shown(request: HttpRequest) -> str:
    try:
        return request.body.decode(errors="replace")
    except RequestDataTooBig:
        return ""
