"""The addresses of accounts. allauth finds its pages by these names; what is not listed here does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from messaging.accounts import devices, invitations, sign_on, time_zones, tokens, views
from messaging.accounts.views import by_mail

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("time-zone/", time_zones.say, name="time-zone"),
    path("signup/", views.SignUp.as_view(), name="account_signup"),
    path("signup/<slug:token>/", views.SignUp.as_view(), name="account_signup_invited"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:pk>/ending/", invitations.end, name="invitation-ending"),
    path("devices/", devices.devices, name="devices"),
    path("devices/ending/", devices.end_others, name="devices-ending"),
    path("devices/<int:pk>/ending/", devices.end, name="device-ending"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.create, name="token-new"),
    path("tokens/<int:pk>/ending/", tokens.revoke, name="token-ending"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/ending/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("second-factor/keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("second-factor/keys/new/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("second-factor/keys/<int:pk>/ending/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("reauthenticate/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("oidc/", RedirectView.as_view(pattern_name="profile"), name="socialaccount_connections"),
    path("oidc/login/", sign_on.sign_on, {"provider_id": sign_on.PROVIDER}, name="openid_connect_login"),
    path("oidc/callback/", sign_on.callback, {"provider_id": sign_on.PROVIDER}, name="openid_connect_callback"),
    path("oidc/cancelled/", sign_on.cancelled, name="socialaccount_login_cancelled"),
    path("login/", account.login, name="account_login"),
    path("logout/", require_POST(account.logout), name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password_change/", account.password_change, name="account_change_password"),
    path("password_set/", account.password_set, name="account_set_password"),
    path("password_reset/", by_mail(account.password_reset), name="account_reset_password"),
    path("password_reset/done/", by_mail(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^reset/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[\w-]{1,100})/$",
        by_mail(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("reset/done/", by_mail(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    path("email/", by_mail(account.email), name="account_email"),
    path("email/sent/", by_mail(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^email/(?P<key>[-:\w]{1,200})/$", by_mail(account.confirm_email), name="account_confirm_email"),
]
