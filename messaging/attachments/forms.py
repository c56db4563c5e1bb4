"""What people say of their files."""

from django import forms

from messaging.attachments.models import Attachment
from messaging.attachments.uploading import one_line


class DescriptionForm(forms.ModelForm):
    """What is to be seen or heard in a file, for those who cannot."""

    class Meta:
        model = Attachment
        fields = ["description"]
        labels = {"description": "Description"}
        help_texts = {"description": "What is to be seen or heard in it, for those who cannot."}
        widgets = {"description": forms.Textarea(attrs={"rows": 2, "dir": "auto"})}

    def clean_description(self) -> str:
        return one_line(self.cleaned_data["description"])
