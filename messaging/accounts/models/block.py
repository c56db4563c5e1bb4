"""Who does not want to be written to by whom."""

from django.conf import settings
from django.db import models

BLOCKED = "You cannot write here."
"""All that somebody who is blocked is told."""


class Block(models.Model):
    """That somebody is not to be written to by another in conversations of the two."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "blocked"], name="one_block_of_a_person")]

    def __str__(self) -> str:
        return f"block {self.pk}"


def is_blocked(user_pk: int, by: int) -> bool:
    """Return whether somebody is blocked by another."""
    return Block.objects.filter(by=by, blocked=user_pk).exists()
