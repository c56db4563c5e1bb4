"""The list of one's chats that stands on every page."""

from collections.abc import Collection
from datetime import timedelta
from functools import cache, partial
from sys import getsizeof
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from messaging import kept
from messaging.accounts.names import fold
from messaging.accounts.people import display_name
from messaging.chats import naming
from messaging.chats.models.chat import Chat, members_stream
from messaging.chats.models.folding import SECTIONS, Folding, folding_of
from messaging.chats.models.membership import Membership

MOST = 30
"""So many chats are on every page; others are found by *All chats*, and come when something is said in them."""
MOST_THREADS = 10
"""So many threads with something unread are on every page."""
THREADS = "threads"
ORDER = [*SECTIONS, THREADS]
TEMPLATE = "messaging/chats/_entry.html"
READ = '<data value id="chat-read-{}" data-seq="{}" data-read="{}" data-turn="{}"{} hidden></data>'
JUST = timedelta(days=1)
"""For so long a chat that somebody has come into is new to them."""


class Entry(NamedTuple):
    """A chat in somebody's list."""

    chat: Chat
    title: str
    read: int
    is_unheard: bool
    naming: tuple[int, ...] = ()
    """The numbers of what they have not read and that names them."""

    @property
    def is_muted(self) -> bool:
        """Whether they want to hear nothing of it."""
        return self.chat.level == Membership.Level.NOTHING

    @property
    def section(self) -> str:
        """The name of the section that it stands in."""
        if self.chat.is_thread:
            return THREADS
        elif self.chat.is_favourite:
            return "favourites"
        else:
            return "direct" if self.chat.is_direct else "rooms"

    @property
    def seq(self) -> int:
        """What grows with every change of what it says, apart from what is read; who comes in again begins anew."""
        return (self.chat.membership_pk << 20) + self.chat.entry_seq

    @property
    def unread(self) -> int:
        """How many messages they have not read."""
        return max(0, self.chat.last_number - self.read)

    @property
    def face(self) -> int | None:
        """The primary key of the person whose name it bears."""
        members: Any = getattr(self.chat, "direct_members", ())
        return next((each.user_id for each in members if display_name(each.user) == self.title), None)

    def html(self, current: str = "") -> str:
        """Return it as the list has it; `current` says as `aria-current` does that the page is this chat's."""
        chat: Any = self.chat
        key = (
            chat.pk,
            chat.kind,
            self.section,
            self.title,
            self.face,
            self.read,
            self.is_unheard,
            self.naming,
            chat.last_number,
            chat.level,
            chat.turn,
            self.seq,
        )
        html = kept.template_of(TEMPLATE).render(key, self._context, getsizeof(self.title))
        if current:
            html = html.replace("data-chat=", f'aria-current="{current}" data-chat=', 1)
        return mark_safe(html)  # noqa: S308 - rendered

    def _context(self) -> dict[str, Any]:
        return {
            "entry": self,
            "sign": _sign(self.chat.kind),
            "members_stream": members_stream(self.chat.pk),
            "read_mark": read_mark(self.chat.pk, self.read, self.chat.turn),
        }


class Section(NamedTuple):
    """A part of the list, below a heading."""

    name: str
    label: str
    entries: list[Entry]
    is_folded: bool

    @property
    def is_foldable(self) -> bool:
        """Whether it may be folded: what has something unread stays, and threads have that."""
        return self.name in SECTIONS


def sections(entries: Collection[Entry], folding: Folding) -> list[Section]:
    """Return the list in its sections, also those that have nothing in them: a page may come to have that."""
    named = SECTIONS | {THREADS: "Threads"}
    return [
        Section(name, label, [entry for entry in entries if entry.section == name], name in folding.sections)
        for name, label in named.items()
    ]


@cache
def _sign(kind: str) -> str:
    return render_to_string("messaging/chats/_sign.html", {"chat": {"kind": kind}})


def read_mark(chat_pk: int, number: int, turn: int, *, is_pushed: bool = False) -> str:
    """Return the element that holds how far somebody has read a chat; every page has one for each chat in its list.

    Its `data-seq` grows with the number, and with each `turn` in which something was marked as unread.
    """
    swap = mark_safe(' hx-swap-oob="true"') if is_pushed else ""
    return format_html(READ, chat_pk, (turn << 32) + number, number, turn, swap)


def entries(user: User, current: int | None = None) -> list[Entry]:
    """Return the person's chats: favourites first, then rooms, direct ones and threads, each by title.

    Of very many those with something unread or that they have just come into, the favourites, then all others, each the
    latest first; and the `current` one. Of threads only those with something unread.
    """
    listed = Q(archived_at=None) | Q(pk=current or 0)
    own = (
        Chat.objects.of(user)
        .filter(listed)
        .annotate(
            is_current=Q(pk=current or 0),
            is_news=Q(last_number__gt=F("read_number")) | Q(joined_at__gte=timezone.now() - JUST),
            changed_at=Greatest(Coalesce("said_at", "joined_at"), "joined_at"),
        )
    )
    chats = own.order_by("-is_current", "-is_news", "-is_favourite", "-changed_at", "-pk")[:MOST].listed(user)
    is_news = Q(chat__last_number__gt=F("read_number")) | Q(chat=current or 0)
    news = Membership.objects.filter(is_news, user=user, chat__kind=Chat.Kind.THREAD)
    # Mostly there are none, and the query for those that may be read is a quarter of what it costs to open a page.
    if news.exists():
        threads = Chat.objects.threads_of(user).filter(pk__in=news.values("chat"))
        chats += threads.order_by("-said_at", "-pk")[:MOST_THREADS]
    return _entries(chats, user)


def _entries(chats: Collection[Chat], user: User) -> list[Entry]:
    unread = [chat for chat in chats if chat.last_number > chat.read_number]
    naming_them = naming.unread(user, unread) if unread else {}
    found = [
        Entry(
            chat,
            chat.opening if chat.is_thread else chat.title_for(user),
            chat.read_number,
            not chat.is_thread and chat.is_unheard(user),
            tuple(naming_them.get(chat.pk, ())),
        )
        for chat in chats
    ]
    return sorted(found, key=lambda entry: (ORDER.index(entry.section), fold(entry.title)))


def context(user_pk: int) -> dict[str, Any]:
    """Return what the list is rendered by for a person of whom only the primary key is known, read when it is."""
    user = User.objects.filter(pk=user_pk).first() or User(pk=user_pk)
    return {"entries": partial(entries, user), "folding": SimpleLazyObject(partial(folding_of, user))}


def html(user_pk: int) -> str:
    """Render the list as it is pushed to its owner."""
    return render_to_string("messaging/push/sidebar.html", context(user_pk))


def entry_html(user_pk: int, chat_pk: int) -> str:
    """Render what brings the list of somebody's chats up to date with one of them: its entry, or that it has none."""
    user = User.objects.filter(pk=user_pk).first()
    found = Chat.objects.of(user).filter(pk=chat_pk, archived_at=None).listed(user) if user else []
    if user and not found:
        found = list(Chat.objects.threads_of(user).filter(pk=chat_pk))
    entries = _entries(found, user) if user else []
    return render_to_string("messaging/push/entry.html", {"entries": entries, "chat_pk": chat_pk})
