"""What people say of themselves, and how they are just now."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

LONGEST_TITLE, LONGEST_PRONOUNS, LONGEST_EMOJI, LONGEST_STATUS = 80, 40, 40, 100


class Profile(models.Model):
    """What others are shown of somebody beside their name; who has no row has said nothing."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile")
    title = models.CharField(max_length=LONGEST_TITLE, blank=True)
    pronouns = models.CharField(max_length=LONGEST_PRONOUNS, blank=True)
    emoji = models.CharField(max_length=LONGEST_EMOJI, blank=True)
    status = models.CharField(max_length=LONGEST_STATUS, blank=True)
    status_until = models.DateTimeField(null=True, help_text="Empty: until they clear it.")

    def __str__(self) -> str:
        return f"profile of {self.user}"

    @property
    def has_status(self) -> bool:
        """Whether there is a status that has not ended: an end needs no write."""
        is_over = self.status_until is not None and self.status_until <= timezone.now()
        return bool(self.emoji or self.status) and not is_over


def profile_of(user: Any) -> Profile:
    """Return what somebody has said of themselves, as it is now."""
    return Profile.objects.filter(pk=user.pk).first() or Profile(user=user)
