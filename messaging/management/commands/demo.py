"""`manage.py demo`: people and rooms to try Bellwire with, in a database that has nobody in it yet."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from messaging.accounts import demo
from messaging.attachments import demo as drawn
from messaging.attachments import previews, uploading
from messaging.attachments.posting import Files
from messaging.hooks.models import Hook
from messaging.hooks.reading import posts
from messaging.hooks.reading.payload import Posted
from messaging.models import Chat
from messaging.pins.models import pin
from messaging.reactions.part import react
from messaging.replies.part import ReplyAddition
from messaging.saved.models import keep
from messaging.threads.answering import thread_of

BUILD = """{"text": "*Build 128* of <https://ci.example.org/128|main> is green.", "attachments": [
    {"color": "good", "fields": [{"title": "tests", "value": "2,716 passed"}, {"title": "took", "value": "4 min"}]}]}"""
"""As a program would post it."""


class Command(BaseCommand):
    """Makes alice, bob and carol, an open and a private room, a direct chat, and some history."""

    help = "Make demo people and rooms in an empty database; do nothing in any other."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them if there is nobody yet, and say how to sign in if they are there."""
        if not settings.LOCAL:
            raise CommandError("Demo people have a published password: they are only for a site of this machine alone.")
        if not get_user_model().objects.exists():
            with transaction.atomic():
                make_demo()
        if names := demo.open_to_anybody():
            self.stdout.write(f"Demo people: sign in as {', '.join(names)} with the password {demo.PASSWORD}.")


def make_demo() -> None:
    """Make the people, their chats and what they have said."""
    alice, bob, carol = (
        get_user_model().objects.create_user(username, password=demo.PASSWORD, first_name=name)
        for username, name in demo.PEOPLE.items()
    )
    # Who announces is staff; in the administration she may look around.
    alice.is_staff = True
    alice.save(update_fields=["is_staff"])
    mine = ("messaging", "notifications")
    alice.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=mine, codename__startswith="view_")
    )
    _fill_general(alice, bob, carol)
    launch = Chat.objects.start(alice, "Launch", Chat.Kind.PRIVATE)
    launch.admit(bob)
    launch.post(alice, "Only Bob and I can see this room.")
    launch.post(bob, "Then let us plan:\n\n1. write the announcement\n2. tell everybody\n3. cake")
    _send_files(launch, alice)
    chat = Chat.objects.direct([alice, bob])
    chat.post(bob, "Lunch at noon?")


def _fill_general(alice: User, bob: User, carol: User) -> None:
    general = Chat.objects.start(alice, "General", Chat.Kind.OPEN)
    for person in (bob, carol):
        general.admit(person)
    welcome = general.post(alice, "Welcome to **Bellwire**. This room is open to everybody.")
    hello = general.post(
        bob, "Open a second browser, sign in as somebody else, and write something: it is there at once."
    )
    general.post(carol, "An `@name` rings the bell of that person on whatever page they are.")
    hook = Hook.objects.make(general, "CI", alice, "🚀")
    hook.say(posts.read(Posted(BUILD.encode())), "")
    hook.posts.all().delete()
    general.post(alice, "It was, at once.", additions=[ReplyAddition(hello.pk)])
    for person, sign in ((alice, "👍"), (carol, "👍"), (carol, "🎉")):
        react(hello, person, sign)
    pin(welcome, alice)
    keep(hello, alice)
    thread = thread_of(hello)
    thread.post(carol, "And what belongs to one message is said in its thread.")
    thread.post(bob, "So the room stays short.")


def _send_files(chat: Chat, user: User) -> None:
    cake, plan = (
        uploading.keep(chat, user, SimpleUploadedFile(name, data))
        for name, data in (("cake.jpg", drawn.cake()), ("plan.pdf", drawn.plan()))
    )
    # No worker runs yet.
    previews.make(cake)
    described = {str(cake.pk): "A cake with three candles"}
    chat.post(user, "The cake is ordered, and this is to print.", additions=[Files([cake.pk, plan.pk], described)])
