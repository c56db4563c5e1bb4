"""Chats: who may see them, who comes and goes, and what is posted in them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from messaging import signals
from messaging.accounts import names, people
from messaging.chats.models.membership import Membership
from messaging.chats.models.order import WithOrder
from messaging.chats.models.people import WithPeople
from messaging.chats.models.posting import PostingQuerySet, WithMessages
from messaging.chats.models.threads import WithThreads
from notifications.push import forget

DELETED = "This chat was deleted."
"""What the bell says of a chat that is gone, in place of all that it has quoted of it."""


def members_stream(chat_pk: int) -> str:
    """Return the name of the stream, and so of the group, of what a chat's members hear of it on every page."""
    return f"members.{chat_pk}"


def stream_of(chat_pk: int) -> str:
    """Return the name of the stream, and so of the group, of what is said in a chat."""
    return f"chat.{chat_pk}"


class ChatQuerySet(PostingQuerySet):
    """Finds chats by who is asking: every use of a chat begins here."""

    def visible_to(self, user: User) -> "ChatQuerySet":
        """Return the chats that the user may read and write in: open rooms, and what they are a member of.

        A thread is open to whom its chat is, whoever follows it.
        """
        is_thread = Q(kind=Chat.Kind.THREAD)
        is_seen = Q(kind=Chat.Kind.OPEN) & ~self._is_banned(user) | self._has_member(user) & ~is_thread
        parents = Chat.objects.filter(is_seen, pk=OuterRef("parent"))
        return self.filter(is_seen | is_thread & models.Exists(parents))

    def visible_pairs(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return those of the `(user_pk, chat_pk)` pairs that go together: `visible_to` for many, by two queries."""
        users, chats = {user_pk for user_pk, _ in pairs}, {chat_pk for _, chat_pk in pairs}
        deciding = (Coalesce("parent_id", "pk"), Coalesce("parent__kind", "kind"))
        of_whom = {pk: (home, kind) for pk, home, kind in self.filter(pk__in=chats).values_list("pk", *deciding)}
        homes = {home for home, _ in of_whom.values()}
        known = Membership.with_banned.filter(chat__in=homes, user__in=users)
        is_in = {(user, chat): at is None for user, chat, at in known.values_list("user_id", "chat_id", "banned_at")}
        return {
            (user, chat)
            for user, chat in pairs
            if chat in of_whom and is_in.get((user, of_whom[chat][0]), of_whom[chat][1] == Chat.Kind.OPEN)
        }

    def of(self, user: User) -> "ChatQuerySet":
        """Return the chats the user is in, without threads, with what their membership says: `read_number`, `level`…"""
        return self._of(user).exclude(kind=Chat.Kind.THREAD)

    def threads_of(self, user: User) -> "ChatQuerySet":
        """Return the threads that the user follows and may read, with what `of` brings, their chats and roots."""
        threads = self._of(user).visible_to(user).filter(kind=Chat.Kind.THREAD)
        return threads.select_related("parent", "root")

    def _of(self, user: User) -> "ChatQuerySet":
        return (
            self.with_member(user)
            .annotate(
                membership_pk=models.F("memberships__pk"),
                read_number=models.F("memberships__read_number"),
                joined_at=models.F("memberships__joined_at"),
                level=models.F("memberships__level"),
                turn=models.F("memberships__turn"),
                is_favourite=models.F("memberships__is_favourite"),
                entry_seq=models.F("memberships__entry_seq"),
            )
            .order_by("name_key", "pk")
        )

    def listed(self, user: User) -> list["Chat"]:
        """Return these of the user's, each with its `direct_members`: none of a room, and the people of a conversation.

        Who has left one of two is among them: it bears their name.
        """
        found: list[Any] = list(self)
        for chat in found:
            chat.direct_members = []
        if direct := {chat.pk: chat for chat in found if chat.is_direct}:
            for membership in Membership.objects.filter(chat__in=direct).select_related("user__called").order_by("pk"):
                direct[membership.chat_id].direct_members.append(membership)
        deserted = {chat: chat.other_than(user) for chat in found if chat.is_of_two and len(chat.direct_members) == 1}
        gone = User.objects.select_related("called").in_bulk(deserted.values()) if deserted else {}
        for chat, pk in deserted.items():
            chat.direct_members += [Membership(user=gone[pk])] if pk in gone else []
        return found

    def opened_by(self, user: User, pk: int) -> tuple["Chat", Membership | None]:
        """Return a chat and the person's membership, by one query if they are in it; Chat.DoesNotExist if unseen."""
        membership = Membership.with_banned.select_related("chat").filter(chat=pk, user=user).first()
        if membership is None or membership.chat.is_thread:
            return self.visible_to(user).get(pk=pk), membership
        elif membership.banned_at is None:
            return membership.chat, membership
        else:
            raise Chat.DoesNotExist

    def with_member(self, user: User, **which: Any) -> Self:
        """Return the chats the user is in, and there is `which`, as `is_owner=True`."""
        which |= {"user": user, "banned_at": None}
        return self.filter(**{f"memberships__{name}": value for name, value in which.items()})

    def rooms(self) -> Self:
        """Return those that have a name and owners, and where people come and go."""
        return self.filter(kind__in=Chat.ROOMS)

    def joinable_by(self, user: User) -> "ChatQuerySet":
        """Return the open rooms that the user may come into and is not in yet."""
        known = Membership.with_banned.filter(chat=models.OuterRef("pk"), user=user)
        return self.filter(~models.Exists(known), kind=Chat.Kind.OPEN, archived_at=None).order_by("name_key")

    def in_order(self) -> "ChatQuerySet":
        """Return them so that where something was said last comes first."""
        return self.order_by(models.F("said_at").desc(nulls_last=True), "-pk")

    def found_by(self, typed: str) -> "ChatQuerySet":
        """Return those with each of the typed words in their name or, of conversations, in somebody's there."""
        found = self
        for word in people.words(typed):
            members = Membership.objects.filter(people.found_by(word, "user__"), chat=models.OuterRef("pk"))
            is_meant = models.Q(kind=Chat.Kind.DIRECT) & models.Exists(members)
            found = found.filter(models.Q(name_key__contains=word) | is_meant)
        return found

    def about(self, typed: str) -> "ChatQuerySet":
        """Return those with each of the typed words in their name or topic."""
        found = self
        for word in people.words(typed):
            found = found.filter(Q(name_key__contains=word) | Q(topic_key__contains=word))
        return found

    def named(self, name: str) -> "ChatQuerySet":
        """Return those of this name, however it is written."""
        return self.filter(name_key=names.fold(name))

    def enter(self, user: User, name: str) -> "Chat":
        """Return the room of this name with the user in it: one of theirs, else an open one, made if there is none.

        Chat.DoesNotExist if they are kept out of it, or it is just deleted.
        """
        mine = self.with_member(user).rooms()
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
            # Threads, which are younger, before their chats: an answer takes its place in both in that order.
            pks = self.order_by().values("pk")
            found = Chat.objects.filter(Q(pk__in=pks) | Q(parent__in=pks))
            chats = list(found.select_for_update(of=("self",)).order_by("-pk"))
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


class Chat(WithOrder, WithPeople, WithMessages, WithThreads, models.Model):
    """A room, a direct conversation or a thread, and the stream of its messages.

    `seq` grows by one with every change to any message; `last_number` with every new message. A member's unread
    messages are `last_number` less what they have read, so a message costs no write for each member.
    """

    class Kind(models.TextChoices):
        """Who may come in."""

        OPEN = "open", "Open room"
        PRIVATE = "private", "Private room"
        DIRECT = "direct", "Direct message"
        THREAD = "thread", "Thread"

    ROOMS = (Kind.OPEN, Kind.PRIVATE)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OPEN)
    name = models.CharField(max_length=80, blank=True)
    name_key = models.CharField(max_length=names.LONGEST_KEY, editable=False)
    # Of a thread: the chat that it is of, and the message there that it answers.
    parent = models.ForeignKey("self", models.CASCADE, null=True, editable=False, related_name="threads")
    root = models.OneToOneField("Message", models.CASCADE, null=True, editable=False, related_name="thread")
    direct_key = models.TextField(unique=True, null=True, editable=False)  # noqa: DJ001
    seq = models.PositiveBigIntegerField(default=0, editable=False)
    name_seq = models.PositiveBigIntegerField(default=0, editable=False)
    last_number = models.PositiveBigIntegerField(default=0, editable=False)
    pinned = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    pinned_seq = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    said_at = models.DateTimeField(null=True, editable=False)
    is_hooked = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Whether it has webhooks."
    )
    may_ring_all = models.BooleanField("Members may ring everybody here by @all", default=True, db_default=True)
    # Not for the administration, which tells no page: owners and moderators decide these.
    topic = models.CharField(max_length=200, default="", db_default="", editable=False)
    topic_key = models.TextField(default="", db_default="", editable=False)
    description = models.TextField(default="", db_default="", editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    # Only owners and moderators write.
    is_announcing = models.BooleanField(default=False, db_default=False, editable=False)
    # So many are between two messages of one member.
    slow_seconds = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # The `seq` of the last change of what a page says of the room beside its name.
    state_seq = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChatQuerySet.as_manager()

    if TYPE_CHECKING:
        membership_pk: int  # annotated by ChatQuerySet.of()
        read_number: int
        joined_at: datetime
        level: str
        turn: int
        is_favourite: bool
        entry_seq: int

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name_key"], condition=models.Q(kind="open"), name="one_open_room_per_key")
        ]

    def __str__(self) -> str:
        if self.is_thread:
            return f"a thread in {self.home.name}" if self.home.name else "a thread"
        return self.name or f"direct chat {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key, self.topic_key = names.fold(self.name), names.fold(self.topic)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("chat", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        return Chat.objects.filter(pk=self.pk).delete()

    @property
    def stream(self) -> str:
        return stream_of(self.pk)

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation of certain people, with no name and no way in or out."""
        return self.kind == self.Kind.DIRECT

    @property
    def is_of_two(self) -> bool:
        """Whether it is a conversation that would be one with oneself when the other leaves."""
        return (self.direct_key or "").count(",") == 1

    def rename(self, name: str, by: User) -> None:
        """Give the room another name, as a change of its stream; IntegrityError if an open room has it.

        Chat.DoesNotExist unless it is owned by who does so.
        """
        with transaction.atomic():
            self._lock(by, is_owner=True)
            self.name, self.seq = name, self.seq + 1
            self.name_seq = self.seq
            self.save(update_fields=["name", "name_key", "seq", "name_seq"])
            transaction.on_commit(lambda: signals.chat_renamed.send_robust(Chat, chat=self), robust=True)

    def lock(self) -> None:
        """Wait for whoever is changing something here, and let others wait, until the transaction ends."""
        self._lock()

    def take_seq(self) -> int:
        """Return the next `seq` for a change to a message; call it inside the transaction of that change."""
        self._lock()
        self.seq += 1
        self.save(update_fields=["seq"])
        return self.seq

    def _lock(self, member: User | None = None, *who: Q, **which: Any) -> None:
        """Lock the chat; Chat.DoesNotExist if it is gone, or if a `member` is named who is not (any more) `which`."""
        # The lock is held until commit. So commit order is the order of seq, and whoever reads 6 could have read 5.
        # no_key: rows that refer to the chat may be added meanwhile.
        locked = Chat.objects.select_for_update(no_key=True).get(pk=self.pk)
        for name in ("seq", "last_number", "is_hooked", "kind"):
            setattr(self, name, getattr(locked, name))
        if member and not self.memberships.filter(*who, user=member, **which).exists():
            raise Chat.DoesNotExist
