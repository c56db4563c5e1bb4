"""The time zone that somebody's clock is in."""

from datetime import tzinfo

from django.conf import settings
from django.db import models
from django.utils import timezone

from notifications.push import zones


class TimeZone(models.Model):
    """What somebody's browser has said last and what they have chosen, by names that need not be known here."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="time_zone")
    said = models.CharField(max_length=zones.LONGEST, blank=True, help_text="By their browser.")
    chosen = models.CharField(max_length=zones.LONGEST, blank=True, help_text="In place of what their browser says.")

    def __str__(self) -> str:
        return self.chosen or self.said

    @property
    def known(self) -> tzinfo | None:
        """The zone itself; None where nobody knows one of that name."""
        return zones.find(str(self))

    @property
    def fixed(self) -> tzinfo | None:
        """The zone that pages show times in, whatever the browser says; None where they are to follow that."""
        return zones.find(self.chosen)


def zone_of(user: object) -> tzinfo:
    """Return by which clock somebody lives: the one they have chosen, or else that of their browser, or the site's."""
    time_zone: TimeZone | None = getattr(user, "time_zone", None)
    return (time_zone and time_zone.known) or timezone.get_default_timezone()
