"""Webhooks, and each event that is to be delivered to one."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from notifications.webhooks import guarding, signing

BOTH_FOR = timedelta(days=1)
"""So long the former secret signs beside the new one."""


class Webhook(models.Model):
    """An address that hears what happens in a subject: a chat (`chat.12`) or a person's inbox (`user.3`).

    `owner` answers for it: they are told when it is switched off, and while they may not manage the subject's webhooks
    nothing is sent. `failures` counts the tries in a row that have failed.
    """

    subject = models.CharField(max_length=100, db_index=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=guarding.LONGEST)
    secret = models.CharField(max_length=100)
    former_secret = models.CharField(max_length=100, blank=True)
    renewed_at = models.DateTimeField(null=True)
    events = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)
    off_because = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    succeeded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        # Not the address, of which some have a secret.
        return f"webhook {self.pk} to {self.host}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.secret = self.secret or signing.new_secret()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("notifications:webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """Where it leads, as far as everybody may know."""
        return urlsplit(self.url).netloc

    @property
    def secrets(self) -> list[str]:
        """What signs a message now: the secret and, for a day, the one before it."""
        is_recent = self.renewed_at and self.renewed_at > timezone.now() - BOTH_FOR
        return [self.secret, *([self.former_secret] if is_recent and self.former_secret else [])]

    def renew_secret(self) -> None:
        """Give it another secret; the former one signs beside it for a day."""
        self.former_secret, self.secret, self.renewed_at = self.secret, signing.new_secret(), timezone.now()
        self.save(update_fields=["former_secret", "secret", "renewed_at"])

    def switch_on(self) -> None:
        """Let it hear of what happens from now on."""
        Webhook.objects.filter(pk=self.pk).update(is_on=True, off_because="", failures=0)

    def switch_off(self, because: str = "") -> None:
        """Let it hear of nothing any more; what still waits is not sent either."""
        with transaction.atomic():
            Webhook.objects.filter(pk=self.pk).update(is_on=False, off_because=because[:300])
            waiting = self.deliveries.filter(state=WebhookDelivery.State.WAITING)
            waiting.update(state=WebhookDelivery.State.FAILED, due_at=None, error="The webhook was switched off.")


class WebhookDelivery(models.Model):
    """One event for one webhook: what is sent, how often that was tried, and what was answered last.

    While it waits, `due_at` is its next try. Who begins a try puts that off first, to when a try must have ended: so a
    worker that dies in the middle leaves it to another. Its `key` is the `webhook-id` of every try.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Not delivered"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=50)
    body = models.TextField(help_text="The very text that is signed and sent.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now, help_text="When its day of tries began.")
    due_at = models.DateTimeField(default=timezone.now, null=True)
    tried_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, help_text="How the last answer began.")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="due_webhook_deliveries"),
            models.Index(fields=["created_at"], name="old_webhook_deliveries"),
        ]

    def __str__(self) -> str:
        return f"webhook delivery {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("notifications:webhook-delivery", args=[self.pk])

    @property
    def key(self) -> str:
        """What receivers know it by: the same on every try."""
        return f"msg_{self.uuid.hex}"

    def send_again(self) -> None:
        """Begin its day of tries anew, now."""
        now = timezone.now()
        again = {"state": self.State.WAITING, "attempts": 0, "since": now, "due_at": now}
        WebhookDelivery.objects.filter(pk=self.pk).exclude(state=self.State.WAITING).update(**again)
