"""How far what is shown of an object has come."""

from collections.abc import Collection

from django.db import models, transaction
from django.db.models import F


class VersionManager(models.Manager["Version"]):
    """Counts the pushes to groups."""

    def seqs(self, groups: Collection[str]) -> dict[str, int]:
        """Return the `seq` of each of these groups; one that nothing was pushed to is at 0."""
        return dict.fromkeys(groups, 0) | dict(self.filter(pk__in=groups).values_list("pk", "seq"))

    def take_seq(self, group: str) -> int:
        """Return the group's next `seq`; until the transaction ends, whoever wants one of the same group waits."""
        own = self.filter(pk=group)
        with transaction.atomic():
            if not own.update(seq=F("seq") + 1):
                # Somebody else may make the row at the same time; the database lets one of them.
                self.bulk_create([Version(group=group)], ignore_conflicts=True)
                own.update(seq=F("seq") + 1)
            return own.values_list("seq", flat=True).get()


class Version(models.Model):
    """The `seq` of an object's own group: it grows by one with every push to it, so that pages notice a lost one."""

    group = models.CharField(max_length=120, primary_key=True, help_text="The object's group, like order.5.")
    seq = models.PositiveBigIntegerField(default=0)

    objects = VersionManager()

    def __str__(self) -> str:
        return f"{self.group} at {self.seq}"
