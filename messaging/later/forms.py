"""What is to be done later, and when."""

import uuid
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from messaging.later.models import Later, checked
from messaging.messages import commands
from notifications.push import ZonedField, snoozing, text, zones

NO_TIME = "Choose a date and a time."
NO_BODY = "Say what you want to be reminded of."
NO_MEMBER = "Only members can write here later: join first."
GONE = "This was done or cancelled meanwhile. Copy your text if you still need it."
PRESETS = [(name, time.label) for name, time in snoozing.TIMES.items()]


class LaterForm(forms.Form):
    """A text, and when: one of the presets (`when`, which buttons say), or a date and a time.

    `later` is what is changed or kept, with its kind, and what it is about; the chat's or the message's pages are the
    view's to guard.
    """

    client_id = forms.UUIDField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid.uuid4
    )
    # Sent along, for the clock of who fills it in may have become another since the form told which it is.
    zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    body = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
    at = ZonedField(
        label="Date and time",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    every = forms.ChoiceField(label="Repeat", required=False, choices=Later.Every.choices)
    when = forms.ChoiceField(required=False, choices=PRESETS)

    first_at: datetime

    def __init__(self, later: Later, data: Any = None, body: str = "") -> None:
        is_new = later.pk is None
        zone = timezone.get_current_timezone() if is_new else later.tzinfo
        initial = {"body": later.body or body, "every": later.every, "zone": zone, "at": later.next_at}
        super().__init__(data, initial=initial)
        self.later = later
        at = cast(ZonedField, self.fields["at"])
        at.zone = zones.find(self.data.get("zone", "")) or zone
        at.help_text = f"By the clock of {at.zone}."
        self.fields["body"].label = "Message" if later.is_message else "Note"

    def clean_body(self) -> str:
        """Return the text as it is kept, which a reminder of a message may lack."""
        body: str = self.cleaned_data["body"]
        if self.later.is_message:
            return self._clean_message(body)
        if not body.strip() and not self.later.message_id:
            raise ValidationError(NO_BODY)
        return text.clean(body) if body.strip() else ""

    def _clean_message(self, body: str) -> str:
        body, chat, user = text.clean(body), self.later.chat, self.later.user
        if chat and not chat.home.memberships.filter(user=user).exists():
            raise ValidationError(NO_MEMBER, code="no_member")
        if chat:
            commands.read(chat.pk, user, body)
        return body

    def clean(self) -> dict[str, Any]:
        """Find the time; the error stands by the date, wherever it comes from."""
        if "at" in self.cleaned_data and not self.errors.get("when"):
            try:
                self.first_at = checked(self._chosen(), timezone.now())
            except ValidationError as error:
                self.add_error("at", error)
        return self.cleaned_data

    def _chosen(self) -> datetime:
        preset, at = self.cleaned_data["when"], self.cleaned_data["at"]
        if preset:
            with timezone.override(cast(ZonedField, self.fields["at"]).zone):
                return snoozing.TIMES[preset].after(timezone.now())
        if at is None:
            raise ValidationError(NO_TIME)
        chosen: datetime = at
        return chosen

    def save(self) -> bool:
        """Keep it; False, with the reason in the form, if that cannot be."""
        cleaned, later = self.cleaned_data, self.later
        zone = str(cast(ZonedField, self.fields["at"]).zone)
        fields = {"body": cleaned["body"], "every": cleaned["every"], "zone": zone, "first_at": self.first_at}
        if later.pk and not later.change(**fields):
            self.add_error(None, GONE)
        elif not later.pk:
            self._keep(fields | {"kind": later.kind, "chat": later.chat, "message": later.message})
        return not self.errors

    def _keep(self, fields: dict[str, Any]) -> None:
        try:
            Later.objects.keep(self.later.user, self.cleaned_data["client_id"] or uuid.uuid4(), **fields)
        except ValidationError as error:
            self.add_error(None, error)
            self.data = {name: self.data[name] for name in self.data} | {"client_id": str(uuid.uuid4())}
