"""How people have folded their lists of chats."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction

SECTIONS = {"favourites": "Favourites", "rooms": "Rooms", "direct": "Direct messages"}
"""What the list of chats can be folded by, in its order."""


class Folding(models.Model):
    """Which sections of somebody's list are folded, by the names of `SECTIONS`; `seq` grows with each change."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="folding")
    sections = models.JSONField(default=list)
    seq = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"folded sections of {self.pk}"

    def fold(self, section: str, is_folded: bool) -> None:
        """Fold a section, or unfold it."""
        with transaction.atomic():
            now = Folding.objects.select_for_update(no_key=True).get(pk=self.pk)
            others = [each for each in now.sections if each != section]
            self.sections, self.seq = sorted([*others, section] if is_folded else others), now.seq + 1
            self.save(update_fields=["sections", "seq"])


def folding_of(user: User) -> Folding:
    """Return what somebody has folded, nothing if they never did."""
    return Folding.objects.filter(pk=user.pk).first() or Folding(user=user)
