"""Who is in a chat."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Least

from messaging import signals


class MemberManager(models.Manager["Membership"]):
    """Knows only those who are in their chats: what asks for members never finds somebody who is kept out.

    A filter that reaches memberships from elsewhere (`chat_memberships__…`) has to leave out the banned itself.
    """

    def get_queryset(self) -> models.QuerySet["Membership"]:
        return super().get_queryset().filter(banned_at=None)


class Membership(models.Model):
    """One person in one chat, how far they have read, and what of it they are notified of.

    Since `banned_at` they are kept out of it: they were removed, and nobody has let them in again.
    """

    class Role(models.TextChoices):
        """What a member may do in a room."""

        OWNER = "owner", "Owner"
        MODERATOR = "moderator", "Moderator"
        MEMBER = "member", "Member"

    class Level(models.TextChoices):
        """What the bell tells a member of."""

        ALL = "all", "Every message"
        MENTIONS = "mentions", "Mentions only"
        NOTHING = "nothing", "Nothing, not even mentions"

    chat = models.ForeignKey("Chat", models.CASCADE, related_name="memberships")
    # Its index is the one that is ordered by time.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chat_memberships", db_index=False)
    is_owner = models.BooleanField(default=False)
    is_moderator = models.BooleanField(default=False, db_default=False)
    read_number = models.PositiveBigIntegerField(default=0, editable=False)
    # How often something was marked as unread: what a page has shown before that does not count any more.
    turn = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.MENTIONS)
    is_favourite = models.BooleanField(default=False, db_default=False, editable=False)
    # How often what the list of chats says of it was changed, apart from what is read.
    entry_seq = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    banned_at = models.DateTimeField(null=True, blank=True)

    objects = MemberManager()
    with_banned = models.Manager["Membership"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "user"], name="one_membership_per_person")]
        indexes = [
            models.Index(fields=["user", "joined_at", "chat"], name="chats_of_people_by_time"),
            models.Index(fields=["chat"], condition=models.Q(level="all"), name="members_told_of_all"),
            models.Index(fields=["chat"], condition=models.Q(banned_at__isnull=False), name="bans_of_chats"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.chat}"

    @property
    def role(self) -> Role:
        """What they are in the room: of the two that keep it in order, the one that may do more."""
        if self.is_owner:
            return self.Role.OWNER
        return self.Role.MODERATOR if self.is_moderator else self.Role.MEMBER

    @property
    def governs(self) -> bool:
        """Whether they keep the room in order."""
        return self.is_owner or self.is_moderator

    def mark_read(self, number: int, first: int = 0) -> bool:
        """Note that the member has read up to this message, one that there is; return whether that is news.

        It is none if what they have read begins at `first`, and they have not read all that is before that; nor if they
        have marked something as unread since this membership was fetched.
        """
        own = Membership.objects.filter(pk=self.pk, turn=self.turn)
        behind = own.filter(read_number__lt=number, read_number__gte=max(0, first - 1))
        is_news = bool(behind.update(read_number=number))
        if is_news:
            say = partial(signals.chat_read.send_robust, Membership, membership=self, number=number)
            transaction.on_commit(say, robust=True)
        return is_news

    def mark_unread(self, number: int) -> None:
        """Note that this message and those after it are unread, whatever of them has been on a screen."""
        self._change_entry(read_number=Least("read_number", max(0, number - 1)), turn=models.F("turn") + 1)

    def set_level(self, level: str) -> None:
        """Change what the member is notified of; nothing else of the membership is touched."""
        self._change_entry(level=level)

    def set_favourite(self, is_on: bool) -> None:
        """Put the chat among the member's favourites, or take it from there."""
        self._change_entry(is_favourite=is_on)

    def _change_entry(self, **fields: Any) -> None:
        Membership.objects.filter(pk=self.pk).update(entry_seq=models.F("entry_seq") + 1, **fields)
        say = partial(signals.entry_changed.send_robust, Membership, membership=self)
        transaction.on_commit(say, robust=True)
