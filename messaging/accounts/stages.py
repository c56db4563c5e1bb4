"""What stands between a right password and the site."""

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse


class ConfirmEmail(EmailVerificationStage):
    """Lets who signed up by their e-mail domain in when they have shown that the address is theirs."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if _is_to_confirm(self.login.user, self.login.signup):
            self.login.email_verification = EmailVerificationMethod.MANDATORY
        handled: tuple[HttpResponse | None, bool] = super().handle()
        return handled


def _is_to_confirm(user: User, signs_up: bool) -> bool:
    """Return whether somebody who was never in signed up by an address and has not confirmed it.

    Elsewhere people are in as soon as they have signed up, and then this asks nothing of them any more.
    """
    if user.last_login or (signs_up and not settings.SIGN_UP_DOMAINS):
        return False
    # Those that staff have entered are not the primary ones.
    confirmed = set(EmailAddress.objects.filter(user=user, primary=True).values_list("verified", flat=True))
    return confirmed == {False}
