"""What people say of themselves."""

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError


class SignUpForm(BaseUserCreationForm):
    """A new account."""

    class Meta(BaseUserCreationForm.Meta):
        fields = ("username", "first_name")
        labels = {"first_name": "Name"}
        help_texts = {"username": "What you sign in with, and what others write after an @ to call you."}

    def clean_username(self) -> str:
        """Refuse a name that differs from another only in upper and lower case: @mentions do not tell them apart."""
        username = self.cleaned_data["username"]
        if get_user_model().objects.filter(username__iexact=username).exists():
            raise ValidationError("That user name is taken.", code="unique")
        return username


class ProfileForm(forms.ModelForm):
    """How others see you."""

    class Meta:
        model = get_user_model()
        fields = ("first_name", "email")
        labels = {"first_name": "Name"}
        help_texts = {
            "first_name": "Shown beside your messages; without one it is your user name.",
            "email": "For a forgotten password; nobody else sees it.",
        }
