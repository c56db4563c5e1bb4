"""What is filled in to make or change a webhook."""

from collections.abc import Mapping
from typing import Any

from django import forms

from notifications.webhooks import guarding
from notifications.webhooks.models import Webhook


class WebhookForm(forms.ModelForm):
    """Where it leads, and what it hears of."""

    # Not URLField: what it takes for an address is both more and less than what webhooks are sent to.
    url = forms.CharField(
        label="Address",
        max_length=guarding.LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text="Another program's address. What happens is posted there as JSON, signed.",
    )
    events = forms.MultipleChoiceField(label="Events", widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Webhook
        fields = ("url", "events")

    def __init__(self, events: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["events"]
        field.choices = [(name, f"{label} ({name})") for name, label in events.items()]
        if not self.instance.pk:
            field.initial = list(events)

    def clean_url(self) -> str:
        return guarding.clean(self.cleaned_data["url"])
