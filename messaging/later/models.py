"""What is done later for people: messages that wait to be sent, and reminders."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from notifications.push import group_name, live, push_html, zones

MOST = 200
"""So much waits for one person at most, with what was not sent."""
MANY = f"At most {MOST} of them wait at a time: cancel one at Later first."
USED = "This form has been kept already, with something else in it. Send it again to keep this, too."
LATE = timedelta(minutes=1)
FAR = timedelta(days=366)


def checked(at: datetime, now: datetime) -> datetime:
    """Return the time; ValidationError if it has passed by now, or is too far ahead."""
    if at < now - LATE:
        raise ValidationError("That time has passed.", code="passed")
    if at > now + FAR:
        raise ValidationError("That is too far ahead: at most a year.", code="far")
    return at


class LaterQuerySet(models.QuerySet["Later"]):
    """Finds what is due, and keeps what people want done later."""

    def due(self, now: datetime) -> "LaterQuerySet":
        """Return what is to be done now, the longest due first."""
        return self.filter(next_at__lte=now).order_by("next_at", "pk")

    def in_order(self) -> "LaterQuerySet":
        """Return what was not sent, and then what is due next."""
        return self.order_by(models.F("next_at").asc(nulls_first=True), "pk")

    def keep(self, user: User, client_id: uuid.UUID, first_at: datetime, **fields: Any) -> "Later":
        """Return what a form, known by its `client_id`, wants done later, kept unless it is.

        ValidationError if that form has kept something else, and if too much waits already.
        """
        with transaction.atomic():
            # Its lock has those who keep something at once be counted one after the other.
            LaterList.objects.get_or_create(pk=user.pk)
            own = LaterList.objects.select_for_update().get(pk=user.pk)
            found = self.filter(user=user, client_id=client_id).first()
            if found and any(getattr(found, name) != value for name, value in fields.items() if name != "zone"):
                raise ValidationError(USED, code="used")
            if found:
                return found
            if self.filter(user=user).count() >= MOST:
                raise ValidationError(MANY, code="many")
            times = {"first_at": first_at, "next_at": first_at}
            made = self.create(user=user, client_id=client_id, **times, **fields)
            own.show()
        return made


class Later(models.Model):
    """A message that waits to be sent to `chat`, or a reminder, of `message` or of a text alone.

    `next_at` is when it is done next; None of what was not sent, for the reason in `refusal`. It is gone once it is
    done for the last time. By the clock of `zone` it comes again.
    """

    class Kind(models.TextChoices):
        """What is done."""

        MESSAGE = "message", "Message"
        REMINDER = "reminder", "Reminder"

    class Every(models.TextChoices):
        """How often it is done."""

        ONCE = "", "Once"
        DAY = "day", "Every day"
        WEEKDAY = "weekday", "Every day from Monday to Friday"
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="later")
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Without what they are about they stay: who wants their text back finds it in the list.
    chat = models.ForeignKey(Chat, models.SET_NULL, null=True, related_name="later")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="later")
    body = models.TextField(blank=True)
    first_at = models.DateTimeField()
    every = models.CharField(max_length=10, choices=Every.choices, blank=True)
    zone = models.CharField(max_length=zones.LONGEST)
    next_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=300, blank=True)

    objects = LaterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client_id"], name="one_later_per_form")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="due_later")]

    def __str__(self) -> str:
        # What it says is nobody else's business, that of administrators neither.
        return f"later {self.pk}"

    @property
    def tzinfo(self) -> tzinfo:
        """The zone by whose clock it comes again: the site's, if it names none that there is."""
        return zones.find(self.zone) or timezone.get_default_timezone()

    @property
    def is_message(self) -> bool:
        """Whether it is sent to a chat."""
        return self.kind == self.Kind.MESSAGE

    def change(self, first_at: datetime, **fields: Any) -> bool:
        """Have something else done, or at another time; False if it was done for the last time or cancelled."""
        with transaction.atomic():
            found = Later.objects.select_for_update().filter(pk=self.pk).first()
            if found is None:
                return False
            given = {**fields, "first_at": first_at, "next_at": first_at, "refusal": ""}
            Later.objects.filter(pk=found.pk).update(**given)
            show(found.user_id)
        return True

    def cancel(self) -> None:
        """Do nothing of it any more."""
        with transaction.atomic():
            self.delete()
            show(self.user_id)


class LaterList(models.Model):
    """What waits for somebody as one object, which their open pages follow and nobody else's."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="later_list")

    def __str__(self) -> str:
        return f"later of {self.pk}"

    def show(self) -> None:
        """Have its open pages fetch what is in it now."""
        push_html(self, "later_changed", live.stale(group_name(self)))


def show(user_pk: int) -> None:
    """Have somebody's open lists fetch what waits now."""
    LaterList.objects.get_or_create(pk=user_pk)[0].show()


def of_themselves(user_pks: Collection[int], pks: Collection[int]) -> set[tuple[int, int]]:
    """Return who may follow which list: everybody their own."""
    return {(pk, pk) for pk in set(user_pks) & set(pks)}
