"""Chats: who may see them, who comes and goes, and what is posted in them."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.urls import reverse

from messaging import signals
from messaging.accounts import people
from messaging.chats.models.membership import Membership
from messaging.chats.models.people import WithPeople
from notifications.push import forget, text

DELETED = "This chat was deleted."
"""What the bell says of a chat that is gone, in place of all that it has quoted of it."""


def members_stream(chat_pk: int) -> str:
    """Return the name of the stream, and so of the group, of what a chat's members hear of it on every page."""
    return f"members.{chat_pk}"


class ChatQuerySet(models.QuerySet["Chat"]):
    """Finds chats by who is asking: every use of a chat begins here."""

    def visible_to(self, user: User) -> "ChatQuerySet":
        """Return the chats that the user may read and write in: open rooms, and what they are a member of."""
        return self.filter(models.Q(kind=Chat.Kind.OPEN) & ~self._is_banned(user) | self._has_member(user))

    def visible_pairs(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return those of the `(user_pk, chat_pk)` pairs that go together: `visible_to` for many, by two queries."""
        users, chats = {user_pk for user_pk, _ in pairs}, {chat_pk for _, chat_pk in pairs}
        is_open = set(self.filter(pk__in=chats, kind=Chat.Kind.OPEN).values_list("pk", flat=True))
        known = Membership.with_banned.filter(chat__in=chats, user__in=users)
        is_in = {(user, chat): at is None for user, chat, at in known.values_list("user_id", "chat_id", "banned_at")}
        return {pair for pair in pairs if is_in.get(pair, pair[1] in is_open)}

    def of(self, user: User) -> "ChatQuerySet":
        """Return the chats the user is in, with `read_number`, `joined_at` and, for direct ones, `direct_members`."""
        direct = Membership.objects.filter(chat__kind=Chat.Kind.DIRECT).select_related("user__called").order_by("pk")
        return (
            self.with_member(user)
            .annotate(read_number=models.F("memberships__read_number"), joined_at=models.F("memberships__joined_at"))
            .prefetch_related(models.Prefetch("memberships", direct, to_attr="direct_members"))
            .order_by(Lower("name"), "pk")
        )

    def list_of(self, user: User) -> list["Chat"]:
        """Return the same with who has left a conversation of two among its `direct_members`: it bears their name."""
        found: list[Any] = list(self.of(user))
        deserted = {chat: chat.other_than(user) for chat in found if chat.is_of_two and len(chat.direct_members) == 1}
        gone = User.objects.select_related("called").in_bulk(deserted.values()) if deserted else {}
        for chat, pk in deserted.items():
            chat.direct_members += [Membership(user=gone[pk])] if pk in gone else []
        return found

    def with_member(self, user: User, **which: Any) -> Self:
        """Return the chats the user is in, and there is `which`, as `is_owner=True`."""
        which |= {"user": user, "banned_at": None}
        return self.filter(**{f"memberships__{name}": value for name, value in which.items()})

    def joinable_by(self, user: User) -> "ChatQuerySet":
        """Return the open rooms that the user may come into and is not in yet."""
        known = Membership.with_banned.filter(chat=models.OuterRef("pk"), user=user)
        return self.filter(~models.Exists(known), kind=Chat.Kind.OPEN).order_by(Lower("name"))

    def named(self, name: str) -> "ChatQuerySet":
        """Return those of this name in any case, by the same rule as the database's constraint."""
        return self.alias(lower_name=Lower("name")).filter(lower_name=Lower(models.Value(name)))

    def enter(self, user: User, name: str) -> "Chat":
        """Return the room of this name with the user in it: one of theirs, else an open one, made if there is none.

        Chat.DoesNotExist if they are kept out of it, or it is just deleted.
        """
        mine = self.with_member(user).exclude(kind=Chat.Kind.DIRECT)
        if chat := mine.named(name).first():
            return chat
        chat = self.filter(kind=Chat.Kind.OPEN).named(name).first()
        if chat is None:
            try:
                return self.start(user, name, Chat.Kind.OPEN)
            except IntegrityError:
                # Somebody else has made it in this very moment.
                chat = self.filter(kind=Chat.Kind.OPEN).named(name).get()
        chat.admit(user)
        return chat

    def start(self, owner: User, name: str, kind: str) -> "Chat":
        """Make a room with its owner in it; IntegrityError if an open room has that name."""
        with transaction.atomic():
            chat = self.create(name=name, kind=kind)
            chat.memberships.create(user=owner, is_owner=True)
        return chat

    def direct(self, users: Iterable[User]) -> "Chat":
        """Return the one direct chat of exactly these people, made on first use; DoesNotExist if it is just deleted."""
        users = sorted(set(users), key=lambda user: user.pk)
        key = ",".join(str(user.pk) for user in users)
        try:
            with transaction.atomic():
                chat, is_new = self.get_or_create(direct_key=key, defaults={"kind": Chat.Kind.DIRECT})
                # Who has left a group comes back when somebody writes to the same people again.
                here = set() if is_new else set(chat.memberships.values_list("user_id", flat=True))
                for user in users:
                    if user.pk not in here:
                        chat.admit(user)
        except IntegrityError as error:
            # Only at the commit does the database see that one of them was deleted meanwhile.
            raise Chat.DoesNotExist from error
        return chat

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the chats, all that is in them, and what the bell has quoted of it."""
        with transaction.atomic():
            # The chats before what is in them, as posting locks too: in the other order each would wait for the other.
            # Nor can anything be added any more that the deletion would leave behind.
            chats = list(self.select_for_update().order_by("pk"))
            deleted = super().delete()
            # Behind the deletion: whoever is telling of a message now finds it gone, and does the same.
            forget([chat.stream for chat in chats], DELETED)
            return deleted

    delete.queryset_only = True  # type: ignore[attr-defined]

    def _has_member(self, user: User) -> models.Exists:
        return models.Exists(Membership.objects.filter(chat=models.OuterRef("pk"), user=user))

    def _is_banned(self, user: User) -> models.Exists:
        banned = Membership.with_banned.filter(banned_at__isnull=False)
        return models.Exists(banned.filter(chat=models.OuterRef("pk"), user=user))


class Chat(WithPeople, models.Model):
    """A room or a direct conversation, and the stream of its messages.

    `seq` grows by one with every change to any message; `last_number` with every new message. A member's unread
    messages are `last_number` less what they have read, so a message costs no write for each member.
    """

    class Kind(models.TextChoices):
        """Who may come in."""

        OPEN = "open", "Open room"
        PRIVATE = "private", "Private room"
        DIRECT = "direct", "Direct message"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OPEN)
    name = models.CharField(max_length=80, blank=True)
    direct_key = models.TextField(unique=True, null=True, editable=False)  # noqa: DJ001
    seq = models.PositiveBigIntegerField(default=0, editable=False)
    name_seq = models.PositiveBigIntegerField(default=0, editable=False)
    last_number = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChatQuerySet.as_manager()

    if TYPE_CHECKING:
        read_number: int  # annotated by ChatQuerySet.of()
        joined_at: datetime

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=models.Q(kind="open"), name="one_open_room_per_name")
        ]

    def __str__(self) -> str:
        return self.name or f"direct chat {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("chat", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        return Chat.objects.filter(pk=self.pk).delete()

    @property
    def stream(self) -> str:
        return f"chat.{self.pk}"

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation of certain people, with no name and no way in or out."""
        return self.kind == self.Kind.DIRECT

    @property
    def is_of_two(self) -> bool:
        """Whether it is a conversation that would be one with oneself when the other leaves."""
        return (self.direct_key or "").count(",") == 1

    def title_for(self, user: User) -> str:
        """Return the room's name or, for a direct chat, the names of the others."""
        if not self.is_direct:
            return self.name
        everybody = self.memberships.select_related("user__called").order_by("pk")
        memberships = getattr(self, "direct_members", None) or everybody
        others = [membership.user for membership in memberships if membership.user_id != user.pk]
        if self.is_of_two and not others:
            others = list(User.objects.select_related("called").filter(pk=self.other_than(user)))
        return ", ".join(map(people.display_name, others)) or f"{people.display_name(user)} (you)"

    def other_than(self, user: User) -> int:
        """Return the primary key of whom a conversation of two is with, wherever they are now."""
        return next(pk for pk in map(int, (self.direct_key or "").split(",")) if pk != user.pk)

    def rename(self, name: str, by: User) -> None:
        """Give the room another name, as a change of its stream; IntegrityError if an open room has it.

        Chat.DoesNotExist unless it is owned by who does so.
        """
        with transaction.atomic():
            self._lock(by, is_owner=True)
            self.name, self.seq = name, self.seq + 1
            self.name_seq = self.seq
            self.save(update_fields=["name", "seq", "name_seq"])
            transaction.on_commit(lambda: signals.chat_renamed.send_robust(Chat, chat=self), robust=True)

    def post(self, author: User, body: str, client_id: uuid.UUID | None = None) -> Any:
        """Save a `Message` and announce it after commit; return it, or the first one posted with this `client_id`.

        Chat.DoesNotExist if the author may not write here (any more); ValidationError if the body cannot be stored, or
        if the `client_id` has been used for something else, which would be lost.
        Whoever writes in an open room becomes a member of it.
        """
        body = text.clean(body)
        client_id = client_id or uuid.uuid4()
        try:
            with transaction.atomic():
                return self._post(author, body, client_id)
        except IntegrityError:
            # The same form, sent to another chat at the same moment: the only case that the chat's lock does not order.
            return author.messages.get(client_id=client_id).same_as(self, body)

    def _post(self, author: User, body: str, client_id: uuid.UUID) -> Any:
        self._lock()
        # Asked behind the lock: before it, PostgreSQL would still see somebody who was removed while this waited.
        if not Chat.objects.visible_to(author).filter(pk=self.pk).exists():
            raise Chat.DoesNotExist
        if first := author.messages.filter(client_id=client_id).first():
            return first.same_as(self, body)
        if self.is_of_two:
            self._bring_back()
        self.seq += 1
        self.last_number += 1
        self.save(update_fields=["seq", "last_number"])
        if not self.memberships.filter(user=author).update(read_number=self.last_number):
            self._admit(author)
        message = self.messages.create(
            author=author,
            client_id=client_id,
            body=body,
            html=text.render(body),
            number=self.last_number,
            created_seq=self.seq,
            changed_seq=self.seq,
        )
        transaction.on_commit(lambda: signals.new_message.send_robust(Chat, message=message), robust=True)
        return message

    def take_seq(self) -> int:
        """Return the next `seq` for a change to a message; call it inside the transaction of that change."""
        self._lock()
        self.seq += 1
        self.save(update_fields=["seq"])
        return self.seq

    def _lock(self, member: User | None = None, **which: Any) -> None:
        """Lock the chat; Chat.DoesNotExist if it is gone, or if a `member` is named who is not (any more) `which`."""
        # The lock is held until commit. So commit order is the order of seq, and whoever reads 6 could have read 5.
        # no_key: rows that refer to the chat may be added meanwhile, or joining and posting could wait for each other.
        locked = Chat.objects.select_for_update(no_key=True).get(pk=self.pk)
        self.seq, self.last_number = locked.seq, locked.last_number
        if member and not self.memberships.filter(user=member, **which).exists():
            raise Chat.DoesNotExist
