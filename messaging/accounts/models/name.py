"""What is kept of people's names, so that no two accounts have one and a page need not ask who else is called so."""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from django.conf import settings
from django.contrib.auth.models import AbstractUser, User
from django.core.exceptions import ValidationError
from django.db import models, transaction

from messaging.accounts import names

TAKEN = "That user name is taken."
LOCKS = 64
DECIDES = {"username", "first_name", "is_active"}
"""What of an account decides how its name is kept."""


class NameLock(models.Model):
    """A row to lock while it is decided who shares a name; names share a few of them."""

    number = models.PositiveSmallIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"lock {self.number}"


class Name(models.Model):
    """How an account is called, in the forms by which names are compared.

    `key` is the folded user name; it is empty for those who had theirs before this was kept, when another had it first.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="called")
    key = models.CharField(max_length=names.LONGEST_KEY, unique=True, null=True)  # noqa: DJ001
    username_skeleton = models.CharField(max_length=names.LONGEST_KEY, db_index=True)
    skeleton = models.CharField(max_length=names.LONGEST_KEY, db_index=True, help_text="Of the name that is shown.")
    search_key = models.CharField(
        max_length=2 * names.LONGEST_KEY, default="", db_default="", help_text="Both names, folded."
    )
    is_odd = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False, help_text="Whether another's name looks the same.")
    is_bot = models.BooleanField(default=False, db_default=False, help_text="Whether it is a program's.")

    def __str__(self) -> str:
        return f"name of {self.user}"

    @property
    def is_marked(self) -> bool:
        """Whether the user name goes beside the name that is shown."""
        return self.is_odd or self.is_shared

    @property
    def skeletons(self) -> set[str]:
        return {self.skeleton, self.username_skeleton} - {""}

    def spell(self, user: User) -> None:
        """Be the name that this account has now. Saving it is an IntegrityError if another has the user name."""
        key = names.fold(user.username)
        # Who came to share a key before this was kept goes on without, for as long as the other has it.
        if self._state.adding or self.key is not None or not Name.objects.filter(key=key).exists():
            self.key = key
        shown = user.first_name or user.username
        self.username_skeleton, self.skeleton = names.skeleton(user.username), names.skeleton(shown)
        self.search_key = names.search_key(user.username, user.first_name)
        if self.is_bot:
            # It is shown as one wherever it stands, so nobody takes it for a person, nor a person for it.
            self.username_skeleton = self.skeleton = ""
            self.is_odd = False
            return
        self.is_odd = names.is_odd(shown) if user.first_name else names.is_mixed(shown)


def check_new(username: str, pk: int | None = None) -> None:
    """Raise a ValidationError for a user name that another has in any case, or that looks like another's."""
    names.check_username(username)
    alike = models.Q(key=names.fold(username)) | models.Q(username_skeleton=names.skeleton(username))
    if other := Name.objects.filter(alike).exclude(pk=pk).select_related("user").first():
        is_same = names.fold(other.user.username) == names.fold(username)
        raise ValidationError(TAKEN if is_same else f"That looks too much like @{other.user.username}.")


def save_with_name(user: User, *args: Any, **kwargs: Any) -> None:
    """Save an account and its name in one transaction: of two that take a name at once, one gets an IntegrityError."""
    with transaction.atomic():
        AbstractUser.save(user, *args, **kwargs)


def keep_name(
    instance: User, created: bool, update_fields: Iterable[str] | None = None, raw: bool = False, **kwargs: Any
) -> None:
    """Note how an account that is being saved is called, and who else is called so."""
    if raw or (update_fields is not None and DECIDES.isdisjoint(update_fields)):
        return
    name = (None if created else Name.objects.filter(pk=instance.pk).first()) or Name(
        user_id=instance.pk, is_bot=getattr(instance, "is_bot", False)
    )
    before = name.skeletons
    name.spell(instance)
    with transaction.atomic():
        _lock(before | name.skeletons)
        name.save(force_insert=name._state.adding)
        for skeleton in sorted(before | name.skeletons):
            note_shared(skeleton)
    # What was read of it before is of the past.
    instance._state.fields_cache.pop("called", None)


def forget_name(instance: Name, **kwargs: Any) -> None:
    """Let a name be another's alone, whose namesake was deleted."""
    _lock(instance.skeletons)
    for skeleton in sorted(instance.skeletons):
        note_shared(skeleton)


def note_shared(skeleton: str) -> None:
    """Note of all whose names look like this whether they share it, with an active person's name or user name."""
    alike = Name.objects.filter(models.Q(skeleton=skeleton) | models.Q(username_skeleton=skeleton))
    two = list(alike.filter(user__is_active=True).values_list("pk", flat=True)[:2])
    sole = two[0] if len(two) == 1 else None
    is_shared = models.Case(models.When(pk=sole, then=False), default=bool(two))
    Name.objects.filter(skeleton=skeleton).exclude(is_shared=is_shared).update(is_shared=is_shared)


def _lock(skeletons: Iterable[str]) -> None:
    # Of two who take the same name at once the second must see the first.
    numbers = sorted({crc32(skeleton.encode(errors="replace")) % LOCKS for skeleton in skeletons})
    NameLock.objects.bulk_create([NameLock(number=number) for number in numbers], ignore_conflicts=True)
    list(NameLock.objects.select_for_update().filter(number__in=numbers).order_by("number"))
