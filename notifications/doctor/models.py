"""That a part of the site which nobody talks to is at work."""

from datetime import datetime

from django.db import models
from django.utils import timezone

BEAT = "celery-beat"
"""The name under which beat's being at work is noted."""


class HeartbeatManager(models.Manager["Heartbeat"]):
    """Writes and reads heartbeats by the names of those whose they are."""

    def note(self, name: str) -> None:
        """Note that the part of this name is at work now, by the clock of whoever calls."""
        self.update_or_create(name=name, defaults={"at": timezone.now()})

    def last_of(self, name: str) -> datetime | None:
        """Return when the part of this name was last at work, or None if it never was."""
        return self.filter(name=name).values_list("at", flat=True).first()


class Heartbeat(models.Model):
    """When a part of the site was last at work."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()

    objects = HeartbeatManager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
