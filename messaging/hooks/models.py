"""Hooks: addresses that programs post to, what they have posted last, and what could not be taken."""

import secrets
import string
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from messaging.accounts.models.bot import Bot
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.hooks.reading.posts import Post
from messaging.messages.sender import SentAs

LENGTH = 26
"""Of a token: as Mattermost's are, so that programs which look at it take it. 134 bits."""
LONGEST_PAYLOAD = 10_000
LONGEST_REASON = 300
MOST_REFUSALS = 20
"""So many are kept of each hook."""
SOONEST, LATEST = timedelta(seconds=0.4), timedelta(minutes=2)
"""How late the same bytes come once more from a sender that had no answer: slack_sdk after 1.3 s, Alertmanager after
0.5 s, syslog-ng after 60 s. What comes sooner is another sender's, or meant so."""


def new_token() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(LENGTH))


class HookQuerySet(models.QuerySet["Hook"]):
    """Finds hooks by who is asking."""

    def kept_by(self, user: User) -> "HookQuerySet":
        """Return those whose address the user may see and change: all of rooms they own, their own in open rooms."""
        mine = Membership.objects.filter(user=user)
        made = Q(made_by=user, chat__kind=Chat.Kind.OPEN, chat__in=mine.values("chat"))
        return self.filter(made | Q(chat__in=mine.filter(is_owner=True).values("chat")), chat__kind__in=Chat.ROOMS)

    def make(self, chat: Chat, name: str, made_by: User | None, emoji: str = "") -> "Hook":
        """Make a hook and the bot that speaks for it, as a member of the room; Chat.DoesNotExist if that is gone."""
        with transaction.atomic():
            bot = Bot.objects.make(f"hook-{secrets.token_hex(6)}", name, made_by, emoji, is_active=False)
            chat.admit(bot.user)
            return self.create(chat=chat, bot=bot, made_by=made_by)


class Hook(models.Model):
    """An address by which programs say something in a room.

    Its token is kept as it is, and not as a hash: whoever keeps the hook has to be shown the address again, and all
    that one can do by it is to write into a room whose messages lie beside it.
    """

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="hooks")
    bot = models.OneToOneField(Bot, models.PROTECT, related_name="hook")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="hooks")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    is_on = models.BooleanField("Takes what is posted", default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, editable=False)

    objects = HookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"hook {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("hook", args=[self.pk])

    @property
    def name(self) -> str:
        """As whom it speaks unless what is posted says otherwise."""
        return self.bot.user.first_name

    @property
    def address(self) -> str:
        """Where programs post to."""
        return f"{settings.SITE_URL}{reverse('hook-door', args=[self.token])}"

    @property
    def address_of_two(self) -> str:
        """The same for Rocket.Chat's senders, which ask for two parts."""
        return f"{settings.SITE_URL}{reverse('hook-door', args=[f'{self.pk}/{self.token}'])}"

    def renew(self) -> None:
        """Have another address; the old one is gone at once."""
        self.token = new_token()
        self.save(update_fields=["token"])

    def change(self, name: str, emoji: str, *, is_on: bool) -> None:
        """Be called so from the next message on."""
        with transaction.atomic():
            self.is_on, self.bot.emoji, self.bot.user.first_name = is_on, emoji, name
            self.save(update_fields=["is_on"])
            self.bot.save(update_fields=["emoji"])
            self.bot.user.save(update_fields=["first_name"])

    def end(self) -> None:
        """Delete it; its bot leaves the room."""
        with transaction.atomic():
            self.chat.release(self.bot.user)
            self.delete()

    def say(self, post: Post, digest: str) -> "HookPost | None":
        """Say in the room what was posted, unless the same was said already and its sender not answered.

        Return what to call `answered` of once the answer is out, None of a repeat. DoesNotExist if the hook is
        gone, Chat.DoesNotExist if the bot was removed from the room, ValidationError if it cannot be stored.
        """
        with transaction.atomic():
            # Behind the room's lock: the first of two that are alike is seen by the second.
            self.chat.lock()
            # It may have been renewed, switched off or deleted meanwhile.
            Hook.objects.get(pk=self.pk, token=self.token, is_on=True)
            if self._said_before(digest):
                return None
            sender = SentAs(post.name or self.name, post.emoji or self.bot.emoji)
            for text in post.texts:
                self.chat.post(self.bot.user, text, additions=[sender])
            Hook.objects.filter(pk=self.pk).update(used_at=timezone.now())
            return self.posts.create(digest=digest)

    def _said_before(self, digest: str) -> bool:
        now = timezone.now()
        self.posts.filter(at__lt=now - LATEST).delete()
        return self.posts.filter(digest=digest, at__lt=now - SOONEST).exists()

    def refuse(self, reason: str, payload: str) -> None:
        """Keep what could not be taken for those who keep the hook, in place of what is oldest."""
        storable = payload.replace("\0", "\ufffd").encode(errors="replace").decode()
        self.refusals.create(reason=reason[:LONGEST_REASON], payload=storable[:LONGEST_PAYLOAD])
        kept = list(self.refusals.order_by("-pk").values_list("pk", flat=True)[:MOST_REFUSALS])
        self.refusals.filter(pk__lt=kept[-1]).delete()


class HookPost(models.Model):
    """What a hook has stored and not answered yet: the same once more is its repeat, and no second message."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="posts")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"post {self.pk} to {self.hook_id}"

    def answered(self) -> None:
        """Note that the sender has its answer: the same from it is a message of its own from now on."""
        HookPost.objects.filter(pk=self.pk).delete()


class HookRefusal(models.Model):
    """What a hook could not take, for whoever keeps it to see."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="refusals")
    reason = models.CharField(max_length=LONGEST_REASON)
    payload = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"refusal {self.pk} of {self.hook_id}"


def may_make(chat: Chat, membership: Membership | None) -> bool:
    """Return whether a member may make hooks: in an open room everybody who is in it, in a private one its owner.

    A conversation has none: who is in it is what it is.
    """
    is_open: bool = chat.kind == Chat.Kind.OPEN
    return bool(membership and chat.is_room and (is_open or membership.is_owner))
