"""All pages of a site in which everything is many and long, rendered once and served to a browser as they are."""

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from messaging.accounts.models.invitation import Invitation
from messaging.attachments.posting import Files
from messaging.forwards.part import ForwardAddition, content
from messaging.models import Attachment, Chat, Later, Membership, Profile, TimeZone
from messaging.pins.models import pin
from messaging.replies.part import ReplyAddition
from messaging.saved.models import keep
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.sending import send_chunk
from notifications.models import Delivery, Job
from notifications.push import notify
from tests.conftest import signed_in
from tests.security import everything

MANY, GROUP = 60, 40
NAME = "Maximilian-Alexander Konstantin von und zu Hohenlohe-Waldenburg"
WORD = "Donaudampfschifffahrtselektrizitätenhauptwerk"
PASSWORD = "a-good-long-one"
TEXT = f"{WORD} @alice\n\n- https://example.org/{'a' * 200}\n\n```\n{'x' * 300}\n```\n\n> {NAME}"

AWKWARD = (
    json.dumps({"key": ["value" * 5] * 60}, separators=(",", ":")),
    "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}" * 60,
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324" * 90,
    "שלום" * 60 + " and back " + "سلام" * 60,
    "a\tb\t" * 80 + "\n\n```\n" + "a\tb\t" * 80 + "\n```",
    "\x1b[31mred\x1b[0m" * 40,
)
"""What other messengers were seen to break their pages by."""

Pages = dict[str, bytes]
Form = dict[str, Any] | None


def fill(alice: User, bob: User, private: Chat) -> Chat:
    """Make much of everything that alice sees; return a group."""
    names = [f"{WORD.lower()}.{number}" if number % 9 == 0 else f"person{number}" for number in range(MANY)]
    crowd = User.objects.bulk_create(
        User(username=name, first_name=(NAME, WORD)[place % 2]) for place, name in enumerate(names)
    )
    names = [f"{WORD if number % 2 else 'Room'} {number}" for number in range(MANY + 5)]
    rooms = [Chat.objects.start(bob, name, Chat.Kind.OPEN) for name in names]
    Chat.objects.filter(pk__in=[room.pk for room in rooms]).update(last_number=1)
    members = [(private, user) for user in crowd] + [(room, alice) for room in rooms[:MANY]]
    Membership.objects.bulk_create(Membership(chat=chat, user=user) for chat, user in members)
    group = Chat.objects.direct([alice, *crowd[: GROUP - 1]])
    for number in range(12):
        private.post((alice, bob)[number % 3 // 2], TEXT)
        group.post((alice, crowd[0])[number % 3 // 2], TEXT)
    for text in AWKWARD:
        private.post(bob, text)
    private.post(alice, TEXT, additions=[Files(files(alice, private), {})])
    last = private.messages.latest("number")
    private.post(bob, TEXT, additions=[ReplyAddition(last.pk), ForwardAddition(content(last) or {})])
    for kept in private.messages.all():
        pin(kept, alice)
        keep(kept, alice)
    waiting = {"user": alice, "first_at": timezone.now(), "body": TEXT, "kind": Later.Kind.REMINDER}
    Later.objects.create(**waiting, message=last, every="weekday", next_at=timezone.now())
    Later.objects.create(**waiting, chat=private, refusal=f"{WORD} {NAME}")
    for number, state in enumerate((Job.State.SUCCEEDED, Job.State.FAILED, Job.State.RUNNING)):
        notify(alice, TEXT, url=f"/?{number}")
        times = {"started_at": timezone.now(), "ended_at": None if state == Job.State.RUNNING else timezone.now()}
        Job.objects.create(user=alice, title=f"Export of {WORD} {NAME}", state=state, log=TEXT, error=NAME, **times)
    return group


def files(owner: User, chat: Chat) -> list[UUID]:
    """Make one of each kind of files, which wait for a message; return their keys."""
    about = {"chat": chat, "owner": owner, "size": 10**8, "width": 4000, "height": 3000, "description": NAME}
    kinds = {"image/png": "picture", "video/mp4": "film", "audio/mp4": "sound", "application/pdf": "file"}
    made = [
        Attachment.objects.create(name=f"{WORD * 3}.bin", content_type=content_type, kind=kind, previews=state, **about)
        for content_type, kind in kinds.items()
        for state in (["made", "waiting"] if kind == "picture" else [""])
    ]
    return [file.pk for file in made]


def browsers(alice: User, bob: User) -> dict[str, Client]:
    """Return those of who owns all, of who has a second factor, of who has no password, and of nobody."""
    clients = {"alice": Client(), "bob": Client(), "carol": signed_in(User.objects.create_user("carol"))}
    clients |= {"nobody": Client(), "strict": Client(enforce_csrf_checks=True)}
    for name in ("alice", "bob"):
        clients[name].post("/accounts/login/", {"username": name, "password": PASSWORD})
        clients[name].post("/accounts/reauthenticate/", {"password": PASSWORD})
    TOTP.activate(bob, generate_totp_secret())
    RecoveryCodes.activate(bob)
    return clients


# The key that is bob's has a name only.
@patch("allauth.mfa.webauthn.internal.auth.get_credentials", new=lambda user: [])
def render() -> tuple[Pages, set[str]]:
    """Return each page by a path that tells what it is, and the names of the addresses that have none."""
    alice = User.objects.create_user("alice", password=PASSWORD, first_name=NAME)
    bob = User.objects.create_user("bob", password=PASSWORD, first_name=WORD)
    private = Chat.objects.start(alice, "Launch", Chat.Kind.PRIVATE)
    private.admit(bob)
    group = fill(alice, bob, private)
    clients = browsers(alice, bob)
    found = everything.things(private, alice, bob)
    send_chunk(Delivery.objects.get().pk)
    pages, without = of_addresses(clients, found)
    for (name, who), (address, form) in further(alice, private, group).items():
        answer = clients[who].get(address) if form is None else clients[who].post(address, form, follow=True)
        pages[f"/{name}/{who}".replace(" ", "-")] = answer.content
        without.discard(name)
    return pages, without


def of_addresses(clients: dict[str, Client], found: dict[str, dict[str, Any]]) -> tuple[Pages, set[str]]:
    """Return the page of each address as the first of the people sees it who has one."""
    pages: Pages = {}
    without = set()
    for name, pattern in everything.named():
        address = everything.address(name, pattern, found)
        for who in ("alice", "bob", "nobody"):
            answer = clients[who].get(address)
            if answer.status_code == 200 and not answer.streaming and b"<!DOCTYPE html>" in answer.content:
                pages[f"/{name}/{who}"] = answer.content
                break
        else:
            without.add(name)
    return pages, without


def further(alice: User, private: Chat, group: Chat) -> dict[tuple[str, str], tuple[str, Form]]:
    """Return pages that an address shows to others or to who sends a form: (what, whose): (address, form)."""
    chat, roll = private.get_absolute_url(), Delivery.objects.get().get_absolute_url()
    audience = f"chat.{private.pk}"
    preview = {"title": WORD, "body": TEXT, "audience": audience, "preview": "1"}
    tomorrow = timezone.now() + timedelta(days=1)
    coming = Announcement.objects.announce(alice, title=WORD, body=TEXT, audience=audience, first_at=tomorrow)
    invitation = urlsplit(Invitation.objects.make(alice).link).path
    return {
        ("account_signup_invited", "nobody"): (invitation, None),
        ("account_set_password", "carol"): ("/accounts/password_set/", None),
        ("mfa_authenticate", "nobody"): ("/accounts/login/", {"username": "bob", "password": PASSWORD}),
        ("mfa_index", "bob"): ("/accounts/second-factor/", None),
        ("notifications:announcement-change", "alice"): (f"{coming.get_absolute_url()}change/", None),
        ("person", "alice"): (f"/people/{talkative().pk}/", None),
        ("person", "bob"): (f"/people/{talkative().pk}/", None),
        ("group", "alice"): (group.get_absolute_url(), None),
        ("people of a group", "alice"): (f"{group.get_absolute_url()}members/", None),
        ("thread", "alice"): (f"/messages/{private.messages.earliest('number').pk}/thread/", None),
        ("beside", "alice"): (private.threads.get().beside_address, None),
        ("a thread", "alice"): (private.threads.get().get_absolute_url(), None),
        ("older messages", "alice"): (f"{chat}?before=9", None),
        ("answering", "alice"): (f"{chat}?reply={private.messages.latest('number').pk}", None),
        ("no day", "alice"): (f"{chat}?on=x", None),
        ("found", "alice"): (f"/search/?q={WORD}", None),
        ("no such chat", "alice"): (private.messages.latest("number").get_absolute_url() + "forward/?q=" + WORD, None),
        ("nothing of that", "alice"): (f"{roll}?q={WORD}", None),
        ("all chosen", "alice"): ("/chats/mine/?all", None),
        ("none chosen", "alice"): ("/chats/mine/", {}),
        ("nothing written", "alice"): (f"{chat}messages/", {"body": ""}),
        ("chat-preview", "alice"): (f"{chat}preview/", {"body": TEXT}),
        ("rings many", "alice"): (f"{chat}messages/", {"body": "@all"}),
        ("files kept", "alice"): (f"{chat}messages/", {"body": "x" * 10_001, "files": files(alice, private)}),
        ("nobody of that name", "alice"): (f"{chat}members/", {"people": f"{WORD} {NAME}"}),
        ("no such room", "alice"): ("/rooms/", {"name": WORD * 5}),
        ("preview", "alice"): (
            "/announcements/new/",
            preview,
        ),
        ("refused", "alice"): ("/announcements/new/", {"title": "", "first_at": "2020-01-01T09:00"}),
        ("wrong password", "nobody"): ("/accounts/login/", {"username": WORD, "password": "x"}),
        ("not here", "alice"): ("/nowhere/", None),
        ("out of date", "strict"): ("/rooms/", {"name": f"{WORD * 3}\n{TEXT}"}),
    }


def talkative() -> User:
    """Return bob, who says much of himself."""
    bob = User.objects.get(username="bob")
    said = {"title": f"{WORD} {WORD}"[:80], "pronouns": WORD[:40], "emoji": "🌴", "status": (WORD * 3)[:100]}
    Profile.objects.update_or_create(user=bob, defaults=said)
    TimeZone.objects.update_or_create(user=bob, defaults={"chosen": "America/Argentina/ComodRivadavia"})
    return bob


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """Serve pages and what they are made of; yield the site's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            is_static = self.path.startswith("/static/")
            file = finders.find(self.path.removeprefix("/static/")) if is_static else None
            content = pages.get(self.path) or (Path(str(file)).read_bytes() if file else b"")
            kind = mimetypes.guess_type(str(file))[0] if file else "text/html; charset=utf-8"
            self.send_response(200 if content else 204)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Length", len(content)),
                ("Cache-Control", "max-age=60"),
            ):
                self.send_header(name, str(value))
            self.end_headers()
            # A page that is left takes no more of it.
            with suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
