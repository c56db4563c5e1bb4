"""The addresses of accounts. allauth finds its pages by these names; what is not listed here does not exist."""

from allauth.account import views as account
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from messaging.accounts import invitations, views
from messaging.accounts.views import by_mail

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("signup/", views.SignUp.as_view(), name="account_signup"),
    path("signup/<str:token>/", views.SignUp.as_view(), name="account_signup_invited"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:pk>/ending/", invitations.end, name="invitation-ending"),
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
