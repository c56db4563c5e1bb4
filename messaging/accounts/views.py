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

from messaging.accounts.forms import ProfileForm, SignUpForm
from notifications.push import SeeOther, SignedInRequest


class SignUp(SignupView):
    """Makes an account and signs in with it."""

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except IntegrityError:  # Somebody else has taken the name in this very moment.
            form.add_error("username", get_adapter().validation_error("username_taken"))
            return self.form_invalid(form)


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
    """Show and change one's name."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return SeeOther("profile")
    return render(request, "messaging/accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
