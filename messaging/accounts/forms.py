"""What people fill in about their accounts: allauth's forms, in the site's words."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm, UsernameField
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html

from messaging.accounts import names
from messaging.accounts.models.invitation import Invitation
from messaging.accounts.models.name import check_new
from messaging.accounts.models.profile import LONGEST_PRONOUNS, LONGEST_TITLE, Profile, profile_of
from messaging.accounts.models.time_zone import TimeZone
from messaging.accounts.time_zones import TimeZoneField
from notifications.push import limits, zones

OWN_NAME = {"dir": "auto", "autocomplete": "name"}
OWN_TITLE = {"dir": "auto", "autocomplete": "organization-title"}
OWN_WORDS = {"dir": "auto", "autocomplete": "off"}


def _count_mail(email: str) -> None:
    """Count a mail that somebody asks for, before it is known whether there is anybody to send it to."""
    limits.take("mail_address", limits.network(context.request.META.get("REMOTE_ADDR", "")))
    limits.take("mail", email.casefold())


class PlainForm(forms.Form):
    """No text inside of the fields, where it is taken for what was typed; no link between them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        for name in {"password", "oldpassword"} & self.fields.keys():
            self.fields[name].help_text = ""


class ShownNameChecked(forms.Form):
    """A form with the name that is shown of a person: a new one can pass for nothing else. An old one may stay."""

    def clean_first_name(self) -> str:
        first_name: str = self.cleaned_data["first_name"]
        if "first_name" in self.changed_data:
            return names.clean(first_name, User._meta.get_field("first_name").max_length or 0)
        else:
            return first_name


class NamesChecked(ShownNameChecked, forms.ModelForm):
    """A form about an account: what is new in it can pass for nobody else's."""

    instance: User

    def clean_username(self) -> str:
        """Refuse a name that another has in any case, or that looks like another's."""
        username: str = self.cleaned_data["username"]
        if "username" in self.changed_data:
            check_new(username, self.instance.pk)
        return username


class SignInForm(PlainForm, account.LoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocapitalize"] = "none"

    def add_prefix(self, field_name: str) -> str:
        """Call the name `username`, as browsers that keep passwords know it."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class SignUpForm(ShownNameChecked, PlainForm, account.SignupForm):
    """A new account."""

    username = UsernameField(help_text="What you sign in with, and what others write after an @ to call you.")
    first_name = forms.CharField(
        label="Name",
        max_length=get_user_model()._meta.get_field("first_name").max_length,
        required=False,
        widget=forms.TextInput(attrs=OWN_NAME),
    )
    field_order = ["username", "first_name", "email", "password1", "password2"]

    def __init__(self, *args: Any, invitation: Invitation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.domains = [] if invitation else settings.SIGN_UP_DOMAINS
        if self.domains:
            self.fields["email"].label = "Email"
            self.fields["email"].required = True
            self.fields["email"].help_text = f"One of {' '.join(f'@{domain}' for domain in self.domains)}"

    def clean_email(self) -> str:
        """Take addresses of the site's domains only, where that is how one comes in."""
        email = str(super().clean_email())
        if email:
            _count_mail(email)
        if self.domains and email.rpartition("@")[2] not in self.domains:
            raise ValidationError("This site is for other addresses.")
        return email

    def save(self, request: HttpRequest) -> User:
        """Make the account with all that belongs to it, or nothing.

        IntegrityError if the name has just been taken, models.Dead if the invitation has just been used up.
        """
        with transaction.atomic():
            user: User = super().save(request)
            if self.invitation:
                self.invitation.use(user)
        return user


class EmailForm(PlainForm, account.AddEmailForm):
    """An e-mail address of one's own."""


class ChangePasswordForm(PlainForm, account.ChangePasswordForm):
    """Another password."""

    def clean_oldpassword(self) -> str:
        """Ask the backend, which counts guesses."""
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise get_adapter().validation_error("enter_current_password")
        return str(self.cleaned_data["oldpassword"])


class SetPasswordForm(PlainForm, account.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(PlainForm, account.ResetPasswordForm):
    """The address that a link goes to."""

    def clean_email(self) -> str:
        """Let allauth know the addresses that were written into accounts past it, in any case."""
        _count_mail(self.cleaned_data["email"])
        for user in get_user_model().objects.filter(email__iexact=self.cleaned_data["email"]):
            sync_user_email_address(user)
        return str(super().clean_email())


class NewPasswordForm(PlainForm, account.ResetPasswordKeyForm):
    """A password in place of one that was forgotten."""


class ReauthenticateForm(PlainForm, account.ReauthenticateForm):
    """The password again."""


class ProfileForm(NamesChecked):
    """How others see you, and by which clock you live."""

    OF_PROFILE = ("title", "pronouns")
    time_zone = TimeZoneField(label="Time zone", required=False, max_length=zones.LONGEST)

    title = forms.CharField(
        required=False, max_length=LONGEST_TITLE, widget=forms.TextInput(attrs=OWN_TITLE), help_text="What you do here."
    )
    pronouns = forms.CharField(required=False, max_length=LONGEST_PRONOUNS, widget=forms.TextInput(attrs=OWN_WORDS))
    field_order = ["first_name", "title", "pronouns", "time_zone"]

    class Meta:
        model = get_user_model()
        fields = ("first_name",)
        labels = {"first_name": "Name"}
        widgets = {"first_name": forms.TextInput(attrs=OWN_NAME)}
        help_texts = {"first_name": "Shown beside your messages; without one it is your user name."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = getattr(self.instance, "time_zone", TimeZone())
        self.initial["time_zone"] = now.chosen
        self.fields["time_zone"].help_text = _about_said(now.said)
        profile = profile_of(self.instance)
        self.initial.update({name: getattr(profile, name) for name in self.OF_PROFILE})

    def save(self, commit: bool = True) -> User:
        """Save all of it, the zone and what is said of oneself in rows of their own."""
        user: User = super().save(commit)
        if "time_zone" in self.changed_data:
            TimeZone.objects.update_or_create(user=user, defaults={"chosen": self.cleaned_data["time_zone"]})
        if changed := {name: self.cleaned_data[name] for name in self.OF_PROFILE if name in self.changed_data}:
            Profile.objects.update_or_create(user=user, defaults=changed)
        return user


def _about_said(said: str) -> str:
    if zones.find(said):
        return format_html("Empty: as your browser says, which is {}.", said)
    elif said:
        known = "Your browser says “{}”, which is not known here. Empty: the site's, {}."
        return format_html(known, said, settings.TIME_ZONE)
    else:
        return f"Empty: as your browser says, and until it does, the site's, {settings.TIME_ZONE}."


class NewPersonForm(NamesChecked, AdminUserCreationForm):
    """An account that staff make."""


class PersonForm(NamesChecked, UserChangeForm):
    """An account as staff change it."""
