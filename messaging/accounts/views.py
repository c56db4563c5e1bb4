"""Accounts: what Django's own views leave to the site."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from messaging.accounts.forms import ProfileForm, SignUpForm
from notifications.push import SeeOther, SignedInRequest


@sensitive_post_parameters()
@login_not_required
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account and sign in with it."""
    if request.user.is_authenticated:
        return SeeOther("home")
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, form.save())
        return SeeOther("home")
    return render(request, "registration/signup.html", {"form": form}, status=422 if form.errors else 200)


def profile(request: SignedInRequest) -> HttpResponse:
    """Show and change one's name and e-mail address."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return SeeOther("profile")
    return render(request, "messaging/accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
