"""Who comes into a chat and goes: decided behind its lock, since each deed depends on who else is there."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils import timezone

from messaging.accounts.models.block import is_blocked
from messaging.accounts.people import display_name, is_bot
from messaging.chats import mentions
from messaging.chats.models.membership import Membership
from messaging.chats.models.order import GOVERNS

LAST_OWNER = "You are the only owner of %(room)s. Name another one first, on its page of people."
NO_BOT = "A bot can be a moderator, but no owner."


class WithPeople:
    """The part of a `Chat` that concerns its people."""

    if TYPE_CHECKING:
        DoesNotExist: type[ObjectDoesNotExist]
        pk: int
        memberships: Any
        may_ring_all: Any
        last_number: Any
        direct_key: Any
        name: Any
        kind: Any
        Kind: Any
        is_direct: Any
        is_of_two: Any
        is_thread: Any
        home: Any
        parent: Any
        ROOMS: Any

        def lock_parent_for(self, user: User) -> None: ...
        def _lock(self, member: User | None = None, *who: models.Q, **which: Any) -> None: ...

    def title_for(self, user: User) -> str:
        """Return the room's name or, for a direct chat, the names of the others."""
        if self.is_thread:
            return f"Thread in {self.parent.title_for(user)}"
        if not self.is_direct:
            return self.name
        return ", ".join(map(display_name, self._others(user))) or f"{display_name(user)} (you)"

    def is_unheard(self, user: User) -> bool:
        """Return whether it is a direct chat in which nobody would hear the user: all others are deactivated."""
        others = self.home._others(user) if self.home.is_direct else []
        return bool(others) and not any(other.is_active for other in others)

    def is_closed_to(self, user: User) -> bool:
        """Return whether it is a conversation of two whose other one has blocked the user."""
        home = self.home
        return bool(home.is_of_two and is_blocked(user.pk, by=home.other_than(user)))

    def _others(self, user: User) -> list[User]:
        everybody = self.memberships.select_related("user__called").order_by("pk")
        memberships = getattr(self, "direct_members", None) or everybody
        others = [membership.user for membership in memberships if membership.user_id != user.pk]
        if self.is_of_two and not others:
            others = list(User.objects.select_related("called").filter(pk=self.other_than(user)))
        return others

    def other_than(self, user: User) -> int:
        """Return the primary key of whom a conversation of two is with, wherever they are now."""
        return next(pk for pk in map(int, (self.direct_key or "").split(",")) if pk != user.pk)

    def membership_of(self, user: User) -> Membership | None:
        return self.memberships.filter(user=user).first()

    def may_be_rung_by(self, user: User) -> bool:
        """Return whether the user may ring all of its people at once."""
        return self.may_ring_all or self.memberships.filter(user=user, is_owner=True).exists()

    def here(self) -> set[int]:
        """Return who of its people is online."""
        return mentions.here(list(self.memberships.values_list("user_id", flat=True)))

    @property
    def is_room(self) -> bool:
        """Whether it has a name and owners, and people come and go."""
        return self.kind in self.ROOMS

    @property
    def bans(self) -> models.QuerySet[Membership]:
        """Those who were removed and are kept out."""
        return Membership.with_banned.filter(chat=self.pk, banned_at__isnull=False)

    def readers(self) -> models.QuerySet[User]:
        """Return the people who may read it."""
        if self.is_thread:
            return self.parent.readers()
        elif self.kind == self.Kind.OPEN:
            return User.objects.exclude(pk__in=self.bans.values("user"))
        else:
            return User.objects.filter(pk__in=self.memberships.values("user"))

    def admit(self, user: User) -> Membership:
        """Make the user a member, who begins with nothing unread, and owns a room that everybody had left.

        Chat.DoesNotExist if the chat was deleted or made private meanwhile, or they are kept out of it.
        """
        with transaction.atomic():
            # Before the lock, several who come at once would each find a room that nobody owns.
            before = self.kind
            self._lock()
            if self.kind != before and self.membership_of(user) is None:
                raise self.DoesNotExist
            if self.is_thread:
                self.lock_parent_for(user)
            return self._admit(user)

    def invite(self, user: User, by: User) -> bool:
        """Make the user a member if one who is it brings them; return whether they are new. Raises as `admit` does."""
        with transaction.atomic():
            self._lock(by)
            is_new = self.membership_of(user) is None
            self._admit(user)
        return is_new

    def release(self, user: User) -> None:
        """End the user's membership; the longest-standing moderator or else member follows an owner who goes."""
        with transaction.atomic():
            self._lock()
            self._release(user)

    def leave(self, user: User) -> None:
        """End the user's own membership; ValidationError if they are the only owner of what other people are in."""
        with transaction.atomic():
            self._lock()
            if self.is_room and self._is_last_owner(user):
                raise ValidationError(LAST_OWNER, code="last_owner", params={"room": self.name})
            self._release(user)

    def set_role(self, user: User, role: str, by: User) -> None:
        """Give a member another role; ValidationError if nobody would own the room, or a bot would.

        Chat.DoesNotExist unless it is owned by who does so, and the other one is in it.
        """
        with transaction.atomic():
            self._lock(by, is_owner=True)
            membership = self.membership_of(user)
            if membership is None or not self.is_room:
                raise self.DoesNotExist
            if role == Membership.Role.OWNER and is_bot(user):
                raise ValidationError(NO_BOT, code="bot")
            others = self.memberships.filter(is_owner=True).exclude(user=user)
            if role != Membership.Role.OWNER and membership.is_owner and not others.exists():
                raise ValidationError(LAST_OWNER, code="last_owner", params={"room": self.name})
            membership.is_owner = role == Membership.Role.OWNER
            membership.is_moderator = role == Membership.Role.MODERATOR
            membership.save(update_fields=["is_owner", "is_moderator"])

    def name_heir(self) -> None:
        """Let somebody own a room whose owner has gone with their account."""
        with transaction.atomic():
            self._lock()
            if self.is_room:
                self._has_owner()

    def _is_last_owner(self, user: User) -> bool:
        people = self.memberships.exclude(user__called__is_bot=True).exclude(user=user)
        is_owner = self.memberships.filter(user=user, is_owner=True).exists()
        return is_owner and people.exists() and not people.filter(is_owner=True).exists()

    def ban(self, user: User, by: User) -> None:
        """Remove a member and keep them out.

        Chat.DoesNotExist unless it is another one who owns the room now, or a moderator who removes somebody with no
        role.
        """
        with transaction.atomic():
            self._lock(by, GOVERNS)
            membership, own = self.membership_of(user), self.membership_of(by)
            if membership is None or own is None or user == by or (membership.governs and not own.is_owner):
                raise self.DoesNotExist
            membership.banned_at, membership.is_owner, membership.is_moderator = timezone.now(), False, False
            membership.save(update_fields=["banned_at", "is_owner", "is_moderator"])
            self._end_threads(user)

    def lift_ban(self, user: User, by: User) -> None:
        """Let somebody come in again, or be invited; Chat.DoesNotExist unless who does so keeps the room in order."""
        with transaction.atomic():
            self._lock(by, GOVERNS)
            self.bans.filter(user=user).delete()

    def _release(self, user: User) -> None:
        self.memberships.filter(user=user).delete()
        self._end_threads(user)
        if self.is_room:
            self._has_owner()

    def _end_threads(self, user: User) -> None:
        """End what the user follows of the threads here."""
        Membership.objects.filter(chat__parent=self.pk, user=user).delete()

    def _bring_back(self) -> None:
        here = self.memberships.values("user")
        for user in User.objects.filter(pk__in=(self.direct_key or "").split(",")).exclude(pk__in=here):
            # The message that brings them back is what they have not read.
            self._admit(user, read=self.last_number - 1)

    def _admit(self, user: User, read: int | None = None) -> Membership:
        if self.bans.filter(user=user).exists():
            raise self.DoesNotExist
        is_owner = self.is_room and not self._has_owner() and not is_bot(user)
        level = Membership.Level.MENTIONS if self.is_room else Membership.Level.ALL
        defaults = {"read_number": self.last_number if read is None else read, "is_owner": is_owner, "level": level}
        return self.memberships.get_or_create(user=user, defaults=defaults)[0]

    def _has_owner(self) -> bool:
        """Return whether somebody owns the room: its first moderator or else member, if its owner has gone."""
        # Whose account was deleted has gone without a word: not whoever comes next is to own what others are in.
        is_owned: bool = self.memberships.filter(is_owner=True).exists()
        people = self.memberships.exclude(user__called__is_bot=True)
        if not is_owned and (heir := people.order_by("-is_moderator", "pk").first()):
            heir.is_owner = is_owned = True
            heir.save(update_fields=["is_owner"])
        return is_owned
