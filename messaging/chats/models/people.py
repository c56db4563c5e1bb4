"""Who comes into a chat and goes: decided behind its lock, since each deed depends on who else is there."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.utils import timezone

from messaging.chats.models.membership import Membership


class WithPeople:
    """The part of a `Chat` that concerns its people."""

    if TYPE_CHECKING:
        DoesNotExist: type[ObjectDoesNotExist]
        pk: int
        memberships: Any
        last_number: Any
        direct_key: Any
        is_direct: Any

        def _lock(self, member: User | None = None, **which: Any) -> None: ...

    def membership_of(self, user: User) -> Membership | None:
        return self.memberships.filter(user=user).first()

    @property
    def bans(self) -> models.QuerySet[Membership]:
        """Those who were removed and are kept out."""
        return Membership.with_banned.filter(chat=self.pk, banned_at__isnull=False)

    def admit(self, user: User) -> Membership:
        """Make the user a member, who begins with nothing unread, and owns a room that everybody had left.

        Chat.DoesNotExist if the chat was deleted meanwhile, or they are kept out of it.
        """
        with transaction.atomic():
            # Before the lock, several who come at once would each find a room that nobody owns.
            self._lock()
            return self._admit(user)

    def invite(self, user: User, by: User) -> bool:
        """Make the user a member if one who is it brings them; return whether they are new. Raises as `admit` does."""
        with transaction.atomic():
            self._lock(by)
            is_new = self.membership_of(user) is None
            self._admit(user)
        return is_new

    def release(self, user: User) -> None:
        """End the user's membership; the longest-standing member follows an owner who goes."""
        with transaction.atomic():
            self._lock()
            self.memberships.filter(user=user).delete()
            if not self.is_direct:
                self._has_owner()

    def ban(self, user: User, by: User) -> None:
        """Remove a member and keep them out; Chat.DoesNotExist unless it is another one who owns the room now."""
        with transaction.atomic():
            self._lock(by, is_owner=True)
            membership = self.membership_of(user)
            if membership is None or user == by:
                raise self.DoesNotExist
            membership.banned_at, membership.is_owner = timezone.now(), False
            membership.save(update_fields=["banned_at", "is_owner"])

    def lift_ban(self, user: User, by: User) -> None:
        """Let somebody come in again, or be invited; Chat.DoesNotExist unless the room is owned by who does so."""
        with transaction.atomic():
            self._lock(by, is_owner=True)
            self.bans.filter(user=user).delete()

    def _bring_back(self) -> None:
        # Before the message is counted: it is what they have not read.
        here = self.memberships.values("user")
        for user in User.objects.filter(pk__in=(self.direct_key or "").split(",")).exclude(pk__in=here):
            self._admit(user)

    def _admit(self, user: User) -> Membership:
        if self.bans.filter(user=user).exists():
            raise self.DoesNotExist
        is_owner = not self.is_direct and not self._has_owner()
        level = Membership.Level.ALL if self.is_direct else Membership.Level.MENTIONS
        defaults = {"read_number": self.last_number, "is_owner": is_owner, "level": level}
        return self.memberships.get_or_create(user=user, defaults=defaults)[0]

    def _has_owner(self) -> bool:
        """Return whether somebody owns the room: the longest-standing member, if its owner has gone."""
        # Whose account was deleted has gone without a word: not whoever comes next is to own what others are in.
        is_owned: bool = self.memberships.filter(is_owner=True).exists()
        if not is_owned and (heir := self.memberships.order_by("pk").first()):
            heir.is_owner = is_owned = True
            heir.save(update_fields=["is_owner"])
        return is_owned
