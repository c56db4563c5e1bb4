"""How something is said in a chat: what is asked and written behind its lock, in as few statements as that takes."""

import uuid
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from messaging import signals
from messaging.accounts.models.block import BLOCKED
from messaging.chats import mentions
from messaging.chats.models.membership import Membership
from notifications.push import text

UNHEARD = "This account is inactive: nobody would read what you write."
TOGETHER = timedelta(minutes=5)
"""How soon one message follows another of the same author for both to read as one turn."""

# The ORM has no UPDATE that returns what it has changed, and building its queries is most of what they cost.
TAKE = """
    UPDATE messaging_chat SET seq = seq + 1, last_number = last_number + 1, said_at = %s WHERE id = %s RETURNING *
"""
READ = """
    UPDATE messaging_membership SET read_number = %s WHERE chat_id = %s AND user_id = %s AND banned_at IS NULL
    RETURNING turn, EXISTS (
        SELECT 1 FROM messaging_message WHERE chat_id = %s AND number = %s AND author_id = %s AND created_at > %s
    ), EXISTS (
        SELECT 1 FROM messaging_membership AS other
        WHERE other.chat_id = %s AND other.level = 'all' AND other.user_id <> %s AND other.banned_at IS NULL
    )
"""


class Addition:
    """What a message is posted with beside its text; `name` is that of the part that keeps it."""

    name: str
    is_enough = False
    """Whether a message may be just this, without a text."""
    is_silent = False
    """Whether nobody's bell rings for being named in the message."""

    def value(self, chat: Any, author: User) -> Any:
        """Return what the message keeps of it, None for nothing, asked behind the chat's lock.

        ValidationError refuses the message.
        """
        raise NotImplementedError

    def reached(self, chat: Any, author: User) -> set[int]:
        """Return the primary keys of the people whom it tells of the message as a mention would."""
        return set()

    def added(self, message: Any) -> None:
        """Keep what belongs to the message, which is there now, in the same transaction."""

    def is_of(self, message: Any) -> bool:
        """Return whether the message was posted with just this."""
        return True


class PostingQuerySet(models.QuerySet[Any]):
    """The part of the chats' queryset that something is said by."""

    def post(
        self,
        pk: int,
        author: User,
        body: str,
        client_id: uuid.UUID | None = None,
        additions: Collection[Addition] = (),
    ) -> Any:
        """Save a `Message` and announce it after commit; return it, or the first one posted with this `client_id`.

        Chat.DoesNotExist if the author may not write there (any more); ValidationError if the body cannot be stored, if
        nobody would read it, if it is not for the author to write there now, or if the `client_id` has been used for
        something else, which would be lost.
        Whoever writes in an open room becomes a member of it.
        """
        body = clean(body, additions)
        client_id = client_id or uuid.uuid4()
        try:
            with transaction.atomic():
                # The lock is held until commit. So commit order is the order of seq, and whoever reads 6 could have
                # read 5. What refuses the message takes this back.
                locked = list(self.raw(TAKE, [_stored(timezone.now()), pk]))
                if not locked:
                    raise self.model.DoesNotExist
                return locked[0]._post(author, body, client_id, additions)
        except IntegrityError:
            # The same form again: the database has one message for it, and asking for that first is left to it.
            return author.messages.get(client_id=client_id).same_as(pk, body, additions)


class WithMessages:
    """The part of a `Chat` that concerns what is said."""

    if TYPE_CHECKING:
        DoesNotExist: type[ObjectDoesNotExist]
        objects: Any
        pk: int
        kind: Any
        Kind: Any
        seq: Any
        last_number: Any
        said_at: Any
        messages: Any
        is_direct: Any
        is_of_two: Any
        is_thread: Any
        home: Any

        def lock_parent_for(self, user: User) -> None: ...
        def is_unheard(self, user: User) -> bool: ...
        def is_closed_to(self, user: User) -> bool: ...
        def refusal(self, author: User) -> ValidationError | None: ...
        def readers(self) -> models.QuerySet[User]: ...
        def may_be_rung_by(self, user: User) -> bool: ...
        def here(self) -> set[int]: ...
        def _admit(self, user: User) -> Membership: ...
        def _bring_back(self) -> None: ...

    def post(self, author: User, body: str, *more: Any, **named: Any) -> Any:
        """Say something here; see `ChatQuerySet.post`."""
        message = type(self).objects.post(self.pk, author, body, *more, **named)
        if message.created_seq > self.seq:
            self.seq, self.last_number, self.said_at = message.chat.seq, message.chat.last_number, message.chat.said_at
        return message

    def _post(self, author: User, body: str, client_id: uuid.UUID, additions: Collection[Addition]) -> Any:
        own = self._begin(author, client_id)
        is_silent = any(addition.is_silent for addition in additions)
        readers = self.readers().none() if is_silent else self.readers()
        html, named = mentions.render(body, readers, author.pk, lambda _: not is_silent and self.may_be_rung_by(author))
        values = ((addition.name, addition.value(self, author)) for addition in additions)
        parts = {name: value for name, value in values if value is not None}
        if mentions.HERE in named:
            named |= self.here() - {author.pk}
        named = named.union(*(addition.reached(self, author) for addition in additions))
        turn, is_continued, is_told = own or (0, False, True)
        message = self.messages.create(
            author=author,
            client_id=client_id,
            body=body,
            html=html,
            named={str(pk): self.seq for pk in named},
            is_naming=bool(named),
            parts=parts,
            number=self.last_number,
            created_seq=self.seq,
            changed_seq=self.seq,
            # Nobody waits for it wherever they are: that needs no task.
            notified_at=None if named or is_told or self.is_direct else self.said_at,
        )
        message.author_turn, message.is_continued = turn, is_continued
        for addition in additions:
            addition.added(message)
        transaction.on_commit(lambda: signals.new_message.send_robust(type(self), message=message), robust=True)
        return message

    def _begin(self, author: User, client_id: uuid.UUID) -> tuple[int, bool, bool] | None:
        """Let who may write here be in it, and those be back whom it concerns; return what `_read_by` does."""
        if self.is_thread:
            self.lock_parent_for(author)
        own = self._read_by(author)
        if not own and self.kind not in (self.Kind.OPEN, self.Kind.THREAD):
            raise self.DoesNotExist
        # A form that has been answered already is answered so again: the database will find that.
        refusal = self._why_not(author)
        if refusal and not author.messages.filter(client_id=client_id).exists():
            raise refusal
        if self.home.is_of_two:
            self.home._bring_back()
        if not own:
            self._admit(author)
        return own

    def _why_not(self, author: User) -> ValidationError | None:
        """Return why nothing can be said here by somebody now; asked behind the lock."""
        if self.is_unheard(author):
            return ValidationError(UNHEARD, code="unheard")
        if self.is_closed_to(author):
            return ValidationError(BLOCKED, code="blocked")
        return self.refusal(author)

    def _read_by(self, author: User) -> tuple[int, bool, bool] | None:
        """Note that a member has read what they write; nothing if they are none.

        Return their `turn`, whether it goes on with what they said before, and whether others want to be told of every
        message. Asked behind the lock: before it, PostgreSQL would still see somebody who was removed meanwhile.
        """
        since = _stored(timezone.now() - TOGETHER)
        with connection.cursor() as cursor:
            own = [self.last_number, self.pk, author.pk]
            cursor.execute(READ, [*own, self.pk, self.last_number - 1, author.pk, since, self.pk, author.pk])
            return next(iter(cursor.fetchall()), None)


def clean(body: str, additions: Iterable[Addition]) -> str:
    """Return a text as it is stored, empty only beside what is enough; raises as `text.clean` does."""
    is_enough = any(addition.is_enough for addition in additions)
    return "" if is_enough and not body.strip() else text.clean(body)


def _stored(moment: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
