"""All addresses of the site, with something of alice's and bob's behind each that has an object."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from messaging.accounts.models.invitation import Invitation
from messaging.models import Attachment, Bot, BotCommand, Chat, Hook, Later
from messaging.threads.answering import thread_of
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.sending import begin_due
from notifications.models import Delivery, Job, Token, Webhook
from notifications.push import notify

SECRET = "only for alice and bob"
OPEN = {
    "account_login",
    "account_signup",
    "account_signup_invited",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_logout",
    "api:openapi-json",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
}
"""What whoever is not signed in may see: the ways in."""


def named(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield all addresses but the administration's by their names."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        elif pattern.namespace != "admin":
            yield from named(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)


def things(private: Chat, alice: User, bob: User) -> dict[str, dict[str, Any]]:
    """Make one of everything that is alice's and bob's; return the arguments of the addresses that lead to it."""
    message = private.post(alice, SECRET)
    file = Attachment.objects.create(
        chat=private, owner=alice, message=message, name=SECRET, content_type="text/plain", kind="file", size=1
    )
    notify(bob, SECRET, url="/")
    alice.is_staff = True
    alice.save()
    announcement = Announcement.objects.announce(
        alice, title=SECRET, body=SECRET, audience=f"chat.{private.pk}", first_at=timezone.now()
    )
    begin_due()
    delivery = Delivery.objects.get(announcement=announcement)
    job = Job.objects.create(user=bob, title=SECRET, task="messaging.tasks.export_chat", arguments=[private.pk])
    key = Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": SECRET})
    device = UserSession.objects.create(user=bob, ip="192.0.2.1", session_key="x" * 32, user_agent=SECRET)
    invitation = Invitation.objects.make(alice, room=private)
    hook = Hook.objects.make(private, SECRET, alice)
    bot = Bot.objects.make("deploys", SECRET, alice)
    bot_token, _ = Token.objects.issue(bot.user, SECRET, ["read"])
    command = BotCommand.objects.create(bot=bot, name="deploy", help=SECRET)
    webhook = Webhook.objects.create(subject=private.stream, owner=alice, url=f"https://example.org/{'a' * 200}")
    sent = webhook.deliveries.create(event="message.created", body=SECRET, answer=SECRET, state="failed", due_at=None)
    # Of those who are listed, everybody sees the profile.
    unlisted = User.objects.create_user("unlisted", first_name=SECRET, is_active=False)
    chat = {"pk": private.pk}
    token, _ = Token.objects.issue(bob, SECRET, ["read"])
    thread = thread_of(message)
    thread.post(bob, SECRET)
    at = timezone.now() + timedelta(days=1)
    waiting = Later.objects.keep(bob, uuid.uuid4(), at, kind=Later.Kind.MESSAGE, chat=private, body=SECRET, zone="UTC")
    return {
        "chat": chat,
        "messages": chat,
        "message": {"pk": message.pk},
        "message-menu": {"pk": message.pk},
        "message-removal": {"pk": message.pk},
        "reactions": {"pk": message.pk},
        "thread": {"pk": message.pk},
        "chat-following": {"pk": thread.pk},
        "bot": {"pk": bot.pk},
        "bot-switch": {"pk": bot.pk},
        "bot-deletion": {"pk": bot.pk},
        "bot-commands": {"pk": bot.pk},
        "bot-command-deletion": {"pk": bot.pk, "command_pk": command.pk},
        "bot-token-new": {"pk": bot.pk},
        "bot-token-ending": {"pk": bot.pk, "token_pk": bot_token.pk},
        "later-item": {"pk": waiting.pk},
        "later-deletion": {"pk": waiting.pk},
        "person": {"pk": unlisted.pk},
        "export": {"pk": job.pk},
        "file": {"key": file.pk},
        "job": {"pk": job.pk},
        "notification": {"pk": bob.inbox.notifications.get().pk},
        "announcement": {"pk": announcement.pk},
        "announcement-roll": {"pk": delivery.pk},
        "announcement-roll-csv": {"pk": delivery.pk},
        "chat-removal": {"pk": private.pk, "user_pk": bob.pk},
        "chat-role": {"pk": private.pk, "user_pk": bob.pk},
        "chat-return": {"pk": private.pk, "user_pk": bob.pk},
        "changes": {"kind": "chat", "pk": private.pk},
        "hook": {"pk": hook.pk},
        "hook-door": {"place": "a-secret-that-is-none"},
        "webhooks": {"name": private.stream},
        "webhook": {"pk": webhook.pk},
        "webhook-delivery": {"pk": sent.pk},
        "webhook-sending": {"pk": sent.pk},
        "mfa_remove_webauthn": {"pk": key.pk},
        "device-ending": {"pk": device.pk},
        "invitation-ending": {"pk": invitation.pk},
        "get_chat": {"chat": private.pk},
        "list_messages": {"chat": private.pk},
        "mark_read": {"chat": private.pk},
        "mark_unread": {"chat": private.pk},
        "make_favourite": {"chat": private.pk},
        "unmake_favourite": {"chat": private.pk},
        "post_files": {"chat": private.pk},
        "post_message": {"chat": private.pk},
        "get_message": {"message": message.pk},
        "edit_message": {"message": message.pk},
        "delete_message": {"message": message.pk},
        "get_thread": {"message": message.pk},
        "answer_in_thread": {"message": message.pk},
        "react": {"message": message.pk, "emoji": "🎉"},
        "unreact": {"message": message.pk, "emoji": "🎉"},
        "get_job": {"job": job.pk},
        "report_job": {"job": job.pk},
        "token-ending": {"pk": token.pk},
        "account_signup_invited": {"token": "nothing-of-that-kind"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
        "account_confirm_email": {"key": "x"},
    }


def address(name: str, pattern: URLPattern, found: dict[str, dict[str, Any]]) -> str:
    """Return an address with what there is behind it."""
    if not pattern.pattern.regex.groups:
        return reverse(name)
    short = name.rpartition(":")[2]
    return reverse(name, kwargs=found.get(short) or found[short.partition("-")[0]])


def snapshot() -> dict[str, list[Any]]:
    """Return all rows of the apps that people's things are in."""
    configs = map(apps.get_app_config, ("messaging", "notifications", "auth", "account", "mfa"))
    models = [model for config in configs for model in config.get_models()]
    return {model._meta.label: sorted(model._default_manager.values_list(), key=repr) for model in models}
