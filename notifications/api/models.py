"""Tokens: what programs sign in by, as one person and for some of what that person may do."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.live.door import recheck_rights
from notifications.live.people import who_may_follow
from notifications.prose import text

PREFIX = "bw_"
"""What every secret begins with, so that it is known for one wherever it turns up."""
BYTES = 32
LONGEST_SECRET = 100
LONGEST_NAME = 100
NOTED_EVERY = timedelta(minutes=1)
"""So seldom it is written that a token is used."""


class Scope(models.TextChoices):
    """What a token is good for."""

    READ = "read", "Read chats and messages, and listen to them"
    WRITE = "write", "Post, edit, delete, react, send files and mark as read"
    NOTIFY = "notify", "Notify people"
    JOBS = "jobs", "Show the progress of background tasks"
    ANNOUNCE = "announce", "Make announcements, for staff"


class TokenQuerySet(models.QuerySet["Token"]):
    """Makes tokens, and finds them by their secrets."""

    def issue(
        self, user: User, name: str, scopes: Collection[str], expires_at: datetime | None = None
    ) -> tuple["Token", str]:
        """Make a token; return it and its secret, which is kept nowhere. ValidationError if a value is none."""
        name = text.clean_name(name, LONGEST_NAME)
        if unknown := set(scopes) - set(Scope.values):
            raise ValidationError(f"There is no scope {', '.join(sorted(unknown))}.", code="scope")
        if not scopes:
            raise ValidationError("Choose what it is good for.", code="scope")
        if expires_at and expires_at <= timezone.now():
            raise ValidationError("That time is over.", code="expired")
        secret = PREFIX + secrets.token_urlsafe(BYTES)
        ordered = [scope for scope in Scope.values if scope in scopes]
        token = self.create(user=user, name=name, digest=digest(secret), scopes=ordered, expires_at=expires_at)
        return token, secret

    def usable(self) -> Self:
        """Return those that are good now: not expired, and of a person who may sign in."""
        is_due = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(is_due, user__in=who_may_follow())

    def find(self, secret: str) -> "Token | None":
        """Return the token of this secret with its person, and note that it is used; None if it is good no more."""
        if not (secret.startswith(PREFIX) and secret.isascii() and len(secret) <= LONGEST_SECRET):
            return None
        token = self.usable().select_related("user").filter(digest=digest(secret)).first()
        if token:
            token.note_use()
        return token


class Token(models.Model):
    """What a program signs in by. Its secret is kept as a SHA-256 only: it is as random as a key, so no more is needed.

    A revoked token is deleted.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"token {self.pk}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def labels(self) -> list[str]:
        """What it is good for, in words."""
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope.values]

    def has(self, scope: str) -> bool:
        """Return whether it is good for this."""
        return scope in self.scopes

    def note_use(self) -> None:
        """Keep when it was used last, written at most once a minute."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - NOTED_EVERY:
            Token.objects.filter(pk=self.pk).update(last_used_at=now)
            self.last_used_at = now

    def revoke(self) -> None:
        """Have it open nothing any more; what it has opened is judged again at once."""
        user_pk = self.user_id
        self.delete()
        recheck_rights([user_pk])


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()
