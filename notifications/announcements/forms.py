"""What staff fill in to announce something."""

import uuid
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from notifications.announcements import audiences, zones
from notifications.announcements.models.announcement import Announcement
from notifications.prose import text

LATE = timedelta(minutes=1)
FAR = timedelta(days=5 * 366)
MOST_HOURS = 24 * 30


class ZonedField(forms.DateTimeField):
    """A time by the clock of a zone, whoever's clock is the current one."""

    zone: tzinfo

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)

    def to_python(self, value: Any) -> datetime | None:
        """Refuse also what that clock skips or shows twice."""
        with timezone.override(self.zone):
            return super().to_python(value)


class AnnouncementForm(forms.ModelForm):
    """An announcement, from a page or a shell."""

    # Sent along, for the clock of who fills it in may have become another since the form told which it is.
    zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    first_at = ZonedField(
        label="When",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    remind_hours = forms.IntegerField(
        label="Remind every so many hours",
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text="Whoever has not acknowledged is reminded until they do. Empty: nobody is.",
    )

    class Meta:
        model = Announcement
        fields = ("audience", "title", "body", "zone", "first_at", "every", "must_acknowledge", "remind_hours")
        labels = {
            "audience": "To",
            "body": "Text",
            "every": "Repeat",
            "must_acknowledge": "Ask everybody to acknowledge it",
        }
        widgets = {
            "title": forms.TextInput(attrs={"dir": "auto"}),
            "body": forms.Textarea(attrs={"dir": "auto", "rows": 6, "class": "announcement-body"}),
        }
        error_messages = {"title": {"required": "It needs a title."}}
        help_texts = {"body": "**bold**, *soft*, `code`, lists, quotes with &gt;, links."}

    def __init__(self, author: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever changes what another has written does not become its author.
        self.author = self.instance.author if self.instance.pk else author
        self.changer = author
        zone = self.instance.tzinfo if self.instance.pk else timezone.get_current_timezone()
        first_at = cast(ZonedField, self.fields["first_at"])
        first_at.zone = zones.find(self.data.get("zone", "")) or zone
        self.initial["zone"] = first_at.zone
        first_at.help_text = f"Empty: at once. Otherwise a date and a time in {first_at.zone}."

    def clean_title(self) -> str:
        """Return the title as one line."""
        title = " ".join(text.storable(self.cleaned_data["title"]).split())
        return text.clean_name(title, Announcement._meta.get_field("title").max_length or 0)

    def clean_body(self) -> str:
        """Return the text as it will be stored; there need not be any."""
        body: str = self.cleaned_data["body"]
        return text.clean(body) if body.strip() else ""

    def clean_audience(self) -> str:
        """Refuse an audience in which nobody is, and one that its author, or who changes it, may not write to."""
        audience: str = self.cleaned_data["audience"]
        for person in (self.author, self.changer):
            if not audiences.is_open_to(person, audience):
                raise ValidationError(f"{person.get_username()} may not announce to that.")
        if not audiences.users(audience, timezone.now()).exists():
            raise ValidationError("Nobody is in there.")
        return audience

    def clean_zone(self) -> str:
        """Return the zone's name; a form that comes without it means the current one's."""
        zone: str = self.cleaned_data["zone"]
        if zone and not zones.find(zone):
            raise ValidationError("There is no such time zone.")
        return str(cast(ZonedField, self.fields["first_at"]).zone)

    def clean_first_at(self) -> datetime:
        """Return the time, which is now if there is none given."""
        now = timezone.now()
        first_at: datetime = self.cleaned_data["first_at"] or now
        if first_at < now - LATE:
            raise ValidationError("That time has passed.")
        if first_at > now + FAR:
            raise ValidationError("That is too far ahead: at most five years.")
        return first_at

    def clean(self) -> dict[str, Any]:
        """Refuse reminders of what nobody has to acknowledge, and changes of what is none of one's business."""
        if self.cleaned_data.get("remind_hours") and not self.cleaned_data.get("must_acknowledge"):
            self.add_error("remind_hours", "Only what must be acknowledged is reminded of.")
        if self.instance.pk and not self.instance.is_managed_by(self.changer):
            self.add_error(None, "You may not change this: it is for people to whom you may not announce.")
        return self.cleaned_data


class AnnouncementPageForm(AnnouncementForm):
    """The same on a page.

    `client_id` says which sending of the form it is, so that a repeat is harmless; `edition` what a change was made of,
    so that it does not undo another one.
    """

    client_id = forms.UUIDField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid.uuid4
    )
    edition = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, author: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(author, *args, **kwargs)
        current = self.instance.audience
        chosen = self.data.get("audience") or self.initial.get("audience", "")
        choices = audiences.choices(author, chosen)
        if self.instance.pk:
            del self.fields["client_id"]
            self.initial["edition"] = self.instance.edition
            if not audiences.is_open_to(author, current):
                # Without it the browser would select the first one: everybody.
                choices.insert(0, (current, audiences.labels([current])[current]))
        else:
            del self.fields["edition"]
        self.fields["audience"] = field = forms.ChoiceField(label="To", choices=choices)
        if self.is_bound and not field.valid_value(self.data.get("audience", "")):
            # Nor is it to select everybody for what is no choice any more.
            field.choices = [("", "Choose again"), *choices]

    def refuse(self, error: ValidationError) -> None:
        """Show the error, and let the form that is sent next be another one."""
        self.add_error(None, error)
        self.data = {name: self.data[name] for name in self.data} | {"client_id": str(uuid.uuid4())}


class RollForm(forms.Form):
    """Which people of a roll are shown."""

    q = forms.CharField(
        label="Name", required=False, max_length=150, widget=forms.SearchInput(attrs={"placeholder": "Find a name"})
    )
    waiting = forms.BooleanField(label="Only who has not acknowledged", required=False)
