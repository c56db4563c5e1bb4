"""What people do not want others to see of them."""

from typing import Any

from django.conf import settings
from django.db import models


class Showing(models.Model):
    """What somebody hides; who has no row hides nothing."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="showing")
    hides_online = models.BooleanField("Hides when they are online", default=False)
    hides_writing = models.BooleanField("Hides when they write", default=False)
    hides_reading = models.BooleanField("Hides what they have read", default=False, db_default=False)

    def __str__(self) -> str:
        return f"what {self.user} hides"


def showing_of(user: Any) -> Showing:
    """Return what somebody hides, as it is now."""
    return Showing.objects.filter(pk=user.pk).first() or Showing(user=user)
