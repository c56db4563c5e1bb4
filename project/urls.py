"""Every address over HTTP."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from project.api import api

# One way in, for staff as well: with all that is asked there.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# They would show the secrets of people's apps and the keys of their sessions; providers are named by the settings.
admin.site.unregister([Authenticator, UserSession, SocialAccount, SocialApp, SocialToken])

admin.site.site_url = f"{settings.PATH_PREFIX}/"

pages: list[Any] = [
    path("", include("messaging.urls")),
    path("", include("notifications.urls")),
    path("api/v1/", api.urls),
    # The site's own, which counts guesses at the old one.
    path(
        "admin/password_change/",
        RedirectView.as_view(pattern_name="account_change_password"),
        name="admin-password-change",
    ),
    path("admin/", admin.site.urls),
]
# Here and not as the name of a script, which Django knows while it answers a request: workers write addresses, too.
urlpatterns = [path(f"{settings.PATH_PREFIX}/"[1:], include(pages))]

handler400 = "project.errors.bad_request"
handler403 = "project.errors.forbidden"
handler404 = "project.errors.not_found"
handler500 = "project.errors.server_error"
