"""What people have saved for later, and what of it is done."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from messaging.messages.models import Message
from notifications.push import group_name, live, push_html


class SavedQuerySet(models.QuerySet["SavedMessage"]):
    """Finds what is saved by whose it is: what they may not read any more is not there."""

    def of(self, user: User) -> Self:
        return self.filter(user=user, message__in=Message.objects.visible_to(user))

    def later(self) -> Self:
        return self.filter(done_at=None).order_by("-created_at", "-pk")

    def done(self) -> Self:
        return self.exclude(done_at=None).order_by("-done_at", "-pk")


class SavedMessage(models.Model):
    """A message that somebody keeps for later; since `done_at` it is done."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_messages")
    message = models.ForeignKey(Message, models.CASCADE, related_name="saved")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    objects = SavedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="saved_once_by_each")]

    def __str__(self) -> str:
        # What somebody saves is nobody else's business, that of administrators neither.
        return f"saved message {self.pk}"


class SavedList(models.Model):
    """Somebody's saved messages as one object, which their open pages follow and nobody else's."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="saved_list")

    def __str__(self) -> str:
        return f"saved messages of {self.pk}"

    def show(self) -> None:
        """Have its open pages fetch what is in it now."""
        push_html(self, "saved_changed", live.stale(group_name(self)))


def of_themselves(user_pks: Collection[int], pks: Collection[int]) -> set[tuple[int, int]]:
    """Return who may follow which list: everybody their own."""
    return {(pk, pk) for pk in set(user_pks) & set(pks)}


def keep(message: Message, user: User) -> None:
    """Save a message for later, also one that was done."""
    with transaction.atomic():
        SavedMessage.objects.update_or_create(user=user, message=message, defaults={"done_at": None})
        _show(user.pk)


def finish(message: Message, user: User) -> None:
    """Note that what is saved is done."""
    with transaction.atomic():
        waiting = SavedMessage.objects.filter(user=user, message=message, done_at=None)
        if waiting.update(done_at=timezone.now()):
            _show(user.pk)


def drop(message: Message, user: User) -> None:
    with transaction.atomic():
        SavedMessage.objects.filter(user=user, message=message).delete()
        _show(user.pk)


def follow(message: Message) -> None:
    """Show a message that is being changed as it is then in the lists that have it; a deleted one is in none."""
    kept = SavedMessage.objects.filter(message=message)
    user_pks = sorted(kept.values_list("user", flat=True))
    if message.deleted_at:
        kept.delete()
    for user_pk in user_pks:
        _show(user_pk)


def _show(user_pk: int) -> None:
    SavedList.objects.get_or_create(pk=user_pk)[0].show()
