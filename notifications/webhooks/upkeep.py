"""The log of webhooks, kept for some days."""

from datetime import timedelta

from django.utils import timezone

from notifications.webhooks.models import WebhookDelivery

KEPT_FOR = timedelta(days=7)
BATCH = 5000


def delete_old() -> bool:
    """Delete what was sent or given up days ago; return whether there may be more."""
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR, due_at=None)
    deleted, _ = WebhookDelivery.objects.filter(pk__in=old.order_by("created_at").values("pk")[:BATCH]).delete()
    return deleted >= BATCH
