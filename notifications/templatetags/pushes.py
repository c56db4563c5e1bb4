"""Template tags and filters of the push service, for its own templates and for those of other apps."""

from datetime import timedelta
from typing import Any, Literal

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import models
from django.shortcuts import resolve_url
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from notifications.http import root
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.snoozing import TIMES, Time
from notifications.live import streams, verbs
from notifications.live.regions import position

register = template.Library()

ATTEMPTS = 3
"""How often a region is rendered at most while its object goes on changing; then its place is rather too early."""


@register.simple_tag(takes_context=True)
def pushes(context: template.Context, part: Literal["head", "bell", "body"]) -> SafeString:
    """Bring a page of a project's own what live pages need: once in its `head`, once at the start of its `body`.

    `bell` is a link to the inbox, with the number of what is new, for wherever the page has its links. To those who are
    not signed in, and on an error page, which knows of nobody, it brings styles only.
    """
    request = context.get("request")
    user = getattr(request, "user", None)
    # Whatever the page itself calls so: the person is the one who asks, and nothing is swapped in here.
    own: dict[str, Any] = {"user": user, "oob": False, "is_past": False}
    if user and user.is_authenticated:
        own["inbox"] = _inbox(context, request)
    with context.push(sign_in=resolve_url(settings.LOGIN_URL), csp_nonce=getattr(request, "csp_nonce", ""), **own):
        engine = context.template.engine  # type: ignore[union-attr]  # it is being rendered
        return engine.get_template(f"notifications/_{part}.html").render(context)


def _inbox(context: template.Context, request: Any) -> Inbox:
    # As it was before anything else of the page was read, which comes after the head: so what is shown is at least as
    # new as its `seq`. A view that shows notifications has read it already.
    if not hasattr(request, "_inbox"):
        given = context.get("inbox")
        is_own = isinstance(given, Inbox) and given.pk == request.user.pk
        request._inbox = given if is_own else Inbox.objects.of(request.user)
    found: Inbox = request._inbox
    return found


@register.simple_tag
def service_root() -> str:
    """Return where the service's addresses begin, its sockets' among them."""
    return root()


@register.simple_tag
def cursor(stream: str, seq: int) -> str:
    """Place the page in a stream: it has seen everything up to `seq`. Read `seq` before the rows that are shown."""
    return streams.cursor(stream, seq)


@register.simple_tag
def dom_id(instance: models.Model) -> str:
    """Return the id of the element that shows an object, as the pushes name it: `order-5`."""
    return verbs.dom_id(instance)


@register.tag
def live(parser: Parser, token: Token) -> "LiveNode":
    """Keep what is in the block as new as the object: `{% live order %} … {% endlive %}`.

    The object is read afresh at its beginning, and what the view has given as a queryset or a function is asked anew:
    so reach in the block for everything through these. A second region of the same object on a page needs a name:
    `{% live order "total" %}`.
    """
    tag, *arguments = token.split_contents()
    if len(arguments) not in {1, 2}:
        raise template.TemplateSyntaxError(f"{tag} takes an object and, if need be, a name for the region.")
    content = parser.parse((f"end{tag}",))
    parser.delete_first_token()
    return LiveNode(content, *(parser.compile_filter(argument) for argument in arguments))


class LiveNode(template.Node):
    """The block of a `live` tag."""

    child_nodelists = ("content",)

    def __init__(self, content: NodeList, instance: FilterExpression, name: FilterExpression | None = None) -> None:
        self.content = content
        self.instance = instance
        self.name = name

    def render(self, context: template.Context) -> str:
        """Render the block between the place that it is at least as new as and the means to keep it so."""
        instance = self.instance.resolve(context)
        if "request" not in context:
            raise ImproperlyConfigured("A live region is part of a page: its template needs the request.")
        stream, newest = position(instance)
        for _ in range(ATTEMPTS):
            try:
                instance.refresh_from_db()
            except ObjectDoesNotExist:
                return ""
            with context.push(**_unasked(context)):
                content = self.content.render(context)
            # Asked again: what has committed meanwhile may be in the block, and its push would show it a second time.
            seq, (_, newest) = newest, position(instance)
            if newest == seq:
                break
        region = {
            "stream": stream,
            "seq": seq,
            "id": "-".join(["live", verbs.dom_id(instance), *([self.name.resolve(context)] if self.name else [])]),
            "kind": instance._meta.model_name,
            "pk": instance.pk,
            "content": content,
        }
        return render_to_string("notifications/live/_live.html", region | {"request": context["request"]})


def _unasked(context: template.Context) -> dict[str, Any]:
    """Return the querysets of a context without their answers, which may be older than the place of a region."""
    given: dict[Any, Any] = context.flatten()
    return {name: value.all() for name, value in given.items() if isinstance(value, models.QuerySet)}


@register.filter
def duration(time: timedelta) -> str:
    """Return a length of time in words: 12 s, 3 min, 2 h 5 min."""
    seconds = round(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    elif seconds < 3600:
        return f"{round(seconds / 60)} min"
    else:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"


@register.simple_tag
def snooze_times() -> list[tuple[str, Time]]:
    """Return until when a notification can be snoozed, by the names under which that is sent."""
    return list(TIMES.items())
