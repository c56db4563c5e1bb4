"""Accounts: allauth's pages where they need a word of ours, and the profile."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import cached_property

from messaging.accounts.forms import ProfileForm, SignUpForm
from messaging.accounts.models.invitation import Dead, Invitation
from messaging.accounts.time_zones import places
from notifications.push import SeeOther, SignedInRequest, limits


class SignUp(SignupView):
    """Makes an account and signs in with it."""

    @cached_property
    def invitation(self) -> Invitation | None:
        return Invitation.objects.filter(token=self.kwargs["token"]).first() if "token" in self.kwargs else None

    def is_open(self) -> bool:
        if "token" in self.kwargs:
            return self.invitation is not None and self.invitation.is_good
        return bool(super().is_open())

    def closed(self) -> HttpResponse:
        is_invited = "token" in self.kwargs
        context, status = {"invited": is_invited}, 410 if is_invited else 403
        return render(self.request, "account/signup_closed.html", context, status=status)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "invitation": self.invitation}

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(invitation=self.invitation, **more)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        if not limits.allowed("sign_up", limits.network(self.request.META.get("REMOTE_ADDR", "")), form=form):
            return self.form_invalid(form)
        try:
            return super().form_valid(form)
        except IntegrityError:  # Somebody else has taken the name in this very moment.
            form.add_error("username", get_adapter().validation_error("username_taken"))
            return self.form_invalid(form)
        except Dead:  # So has somebody the last place.
            return self.closed()


def by_mail(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer as if there were no such page where the site sends no mail."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.SENDS_MAIL:
            return view(request, *args, **kwargs)
        else:
            raise Http404

    return wrapper


def profile(request: SignedInRequest) -> HttpResponse:
    """Show and change one's name and time zone."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return SeeOther("profile")
    context = {"form": form, "places": places()}
    return render(request, "messaging/accounts/profile.html", context, status=422 if form.errors else 200)
