"""Invitations: links by which people who have no account make one."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from messaging import signals
from messaging.accounts.people import may_invite

DAYS, USES = 7, 1
"""How long an invitation is good, and for how many people, unless somebody says otherwise."""


class Dead(Exception):
    """An invitation works no more: it is used up, too old, or its maker may not invite any more."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Finds invitations by who is asking."""

    def visible_to(self, user: User) -> "InvitationQuerySet":
        """Return those that the user may see and end: their own, and for staff everybody's."""
        return self if user.is_staff else self.filter(made_by=user)

    def alive(self) -> "InvitationQuerySet":
        """Return those that are neither used up nor too old."""
        return self.filter(uses_left__gt=0, ends_at__gt=timezone.now())

    def make(self, made_by: User | None, days: int = DAYS, uses: int = USES, room: Any = None) -> "Invitation":
        """Make one, and clear away those that are too old; whoever runs the site makes them as nobody."""
        self.filter(ends_at__lt=timezone.now()).delete()
        ends_at = timezone.now() + timedelta(days=days)
        token = secrets.token_urlsafe(24)
        return self.create(token=token, made_by=made_by, ends_at=ends_at, uses_left=uses, room=room)


class Invitation(models.Model):
    """A link that lets so many people in until then, perhaps into a room as well."""

    token = models.CharField(max_length=40, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="invitations")
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    uses_left = models.PositiveIntegerField()
    room = models.ForeignKey("Chat", models.CASCADE, null=True, related_name="invitations")

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def link(self) -> str:
        return settings.SITE_URL + reverse("account_signup_invited", args=[self.token])

    @property
    def is_good(self) -> bool:
        """Whether somebody may come in by it at this moment: its maker has to be one who may invite still."""
        is_alive = self.uses_left > 0 and self.ends_at > timezone.now() and settings.SIGN_UP != "closed"
        return is_alive and (self.made_by is None or may_invite(self.made_by))

    def use(self, user: User) -> None:
        """Note, in the transaction that makes the account, that this person comes by it; Dead if nobody may.

        The row is locked until that transaction ends: of those who come at once for the last use, one gets it.
        """
        alive = Invitation.objects.filter(pk=self.pk).alive()
        if not (self.is_good and alive.update(uses_left=models.F("uses_left") - 1)):
            raise Dead
        say = partial(signals.invitation_used.send_robust, Invitation, invitation=self, user=user)
        transaction.on_commit(say, robust=True)
