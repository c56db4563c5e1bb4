"""The roll of an announcement: who was sent it, and who has acknowledged."""

import csv
import io
import unicodedata
from collections.abc import AsyncIterator, Iterable

from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.announcements.forms import RollForm
from notifications.announcements.models.delivery import Delivery, Receipt, ReceiptQuerySet
from notifications.http import SignedInRequest, note_deed, staff_only

PAGE_SIZE = 100
"""How many people a page of a roll shows."""
CSV_CHUNK = 1000
"""How many people are read at one time for a download."""
COLUMNS = ["user", "name", "sent at", "acknowledged at", "reminders"]
FORMULA = frozenset("=+-@")
"""What begins a formula, and so do these characters in other widths and heights."""
SEPARATORS = frozenset(";,|\"'")
"""What begins a cell of its own for some spreadsheets, beside whatever is not to be seen."""


@require_safe
@staff_only
def roll(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show who was sent it, page by page: all, or those who have not acknowledged, or those of a name."""
    delivery = get_object_or_404(Delivery.objects.select_related("announcement"), pk=pk)
    form = RollForm(request.GET)
    found = delivery.receipts.select_related("user").order_by(f"user__{get_user_model().USERNAME_FIELD}")

    def page() -> Page:
        return Paginator(matching(found, form), PAGE_SIZE).get_page(request.GET.get("page"))

    # A function: the live region asks for its people behind its place, and once more if somebody is sent it meanwhile.
    context = {"delivery": delivery, "announcement": delivery.announcement, "form": form, "page": page}
    return render(request, "notifications/announcements/roll.html", context, status=200 if form.is_valid() else 422)


@require_safe
@staff_only
def download(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    """Send the whole roll as a table for a spreadsheet."""
    delivery = get_object_or_404(Delivery.objects.select_related("announcement"), pk=pk)
    if request.method == "GET":
        note_deed(f"roll {pk} downloaded", request)
    # No announcement is sent twice on one day of its own zone.
    day = timezone.localdate(delivery.due_at, delivery.announcement.tzinfo)
    name = f"announcement-{delivery.announcement_id}-{day}.csv"
    response = StreamingHttpResponse(_lines(delivery), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def matching(receipts: ReceiptQuerySet, form: RollForm) -> ReceiptQuerySet:
    """Return the receipts that a form asks for; none, where it asks for nothing that there can be."""
    if not form.is_valid():
        return receipts.none()
    if form.cleaned_data["waiting"]:
        receipts = receipts.unacknowledged()
    q = form.cleaned_data["q"]
    model = get_user_model()
    names = [field.name for field in model._meta.fields if field.name in {model.USERNAME_FIELD, "first_name"}]
    asked_for = Q(*((f"user__{name}__icontains", q) for name in names), _connector=Q.OR)
    return receipts.filter(asked_for) if q else receipts


async def _lines(delivery: Delivery) -> AsyncIterator[str]:
    # Spreadsheets take a file for UTF-8 only with this mark.
    yield "\ufeff" + _csv([COLUMNS])
    last = 0
    # By chunks, so that neither memory nor a transaction grows with the people.
    while receipts := await database_sync_to_async(_receipts_after)(delivery, last):
        yield _csv(_row(receipt) for receipt in receipts)
        last = receipts[-1].pk


def _receipts_after(delivery: Delivery, pk: int) -> list[Receipt]:
    return list(delivery.receipts.filter(pk__gt=pk).select_related("user").order_by("pk")[:CSV_CHUNK])


def _row(receipt: Receipt) -> list[object]:
    acknowledged_at = receipt.acknowledged_at.isoformat(timespec="seconds") if receipt.acknowledged_at else ""
    sent_at = receipt.created_at.isoformat(timespec="seconds")
    user = receipt.user
    name = getattr(user, "get_short_name", str)()
    return [harmless(user.get_username()), harmless(name), sent_at, acknowledged_at, receipt.reminders]


def harmless(text: str) -> str:
    """Return the text so that a spreadsheet shows it and does not compute it, wherever it begins its cells."""
    shown = []
    begins = True
    for character in text:
        if begins and unicodedata.normalize("NFKC", character) in FORMULA:
            shown.append("'")
        shown.append(character)
        # Control and format characters, spaces and the like: categories C and Z.
        is_unseen = unicodedata.category(character)[0] in "CZ" and character != " "
        begins = is_unseen or character in SEPARATORS or (begins and character == " ")
    return "".join(shown)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()
