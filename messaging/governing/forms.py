"""What owners and moderators decide about a room."""

from django import forms

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from notifications.push import text

LONGEST_TOPIC = Chat._meta.get_field("topic").max_length or 0
SLOWEST = 6 * 3600


class AboutForm(forms.Form):
    """What a room is for."""

    topic = forms.CharField(
        required=False, max_length=LONGEST_TOPIC, widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"})
    )
    description = forms.CharField(
        required=False,
        strip=False,
        help_text="As long as it needs to be, in Markdown.",
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def clean_topic(self) -> str:
        return text.one_line(text.storable(self.cleaned_data["topic"]), LONGEST_TOPIC)

    def clean_description(self) -> str:
        said = self.cleaned_data["description"]
        return text.clean(said) if said.strip() else ""


class WritingForm(forms.Form):
    """Who may write in a room, and how often."""

    is_announcing = forms.BooleanField(label="Only owners and moderators write here", required=False)
    slow_seconds = forms.IntegerField(
        label="Seconds between two messages of one member",
        min_value=0,
        max_value=SLOWEST,
        help_text="0: as many as they like. Owners and moderators need not wait.",
    )


class RoleForm(forms.Form):
    """What a member may do in a room."""

    role = forms.ChoiceField(choices=Membership.Role.choices)
