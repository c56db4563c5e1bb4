"""Time zones of people: in force for their requests, said by their browsers, chosen from a list."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from messaging.accounts.models.time_zone import TimeZone, zone_of
from notifications.push import SignedInRequest, zones

MOST_ALIKE = 5
"""So many zones are named to whoever asked for one that there is not."""


class ByOwnClock:
    """Has times be read and shown by the clock of whoever asks, as long as their request takes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if request.user.is_authenticated:
            timezone.activate(zone_of(request.user))


class SaidForm(forms.Form):
    """What a browser says its time zone is."""

    time_zone = forms.RegexField(r"\A[\w+:/-]+\Z", max_length=zones.LONGEST)


@require_POST
def say(request: SignedInRequest) -> HttpResponse:
    """Note what the person's browser says, known here or not: it does not say it again."""
    form = SaidForm(request.POST)
    if not form.is_valid():
        return HttpResponse("That is no name of a time zone.\n", status=422, content_type="text/plain")
    TimeZone.objects.update_or_create(user=request.user, defaults={"said": form.cleaned_data["time_zone"]})
    return HttpResponse(status=204)


class TimeZoneField(forms.CharField):
    """The name of a zone, or nothing; the page has the list `time-zones` to take it from."""

    widget = forms.TextInput(attrs={"list": "time-zones"})

    def clean(self, value: Any) -> str:
        """Return the name as it is written everywhere."""
        name = str(super().clean(value))
        zone = zones.find(name)
        if name and not zone:
            raise ValidationError(f"There is no time zone “{name}”. {_advice(name)}")
        return str(zone or "")


@cache
def places() -> dict[str, str]:
    """Return the zones to choose from, each with the country that it is in."""
    countries = dict(_table("iso3166.tab"))
    found = {row[2]: countries[row[0]] for row in _table("zone.tab")}
    return {"UTC": "everywhere", **dict(sorted(found.items()))}


def _advice(name: str) -> str:
    asked = name.casefold()
    alike = [zone for zone, country in places().items() if asked in f"{zone} {country}".casefold()]
    # India before Indiana.
    alike.sort(key=lambda zone: asked != places()[zone].casefold())
    return f"Perhaps {', '.join(alike[:MOST_ALIKE])}?" if alike else "Take one of the list, like Europe/Berlin."


def _table(name: str) -> list[list[str]]:
    text = (resources.files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
