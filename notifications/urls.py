"""The service's addresses, all below /notifications/ and /announcements/: a project includes them at its root."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from notifications.announcements import rolls
from notifications.announcements import views as announcements
from notifications.http import signed_in_only
from notifications.inbox import views as inbox
from notifications.jobs import views as jobs
from notifications.live import views as live
from notifications.webhooks import views as webhooks

app_name = "notifications"


def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """Return an address for those who are signed in, whatever middleware the project has."""
    guarded: Any = signed_in_only(view)
    return path(route, guarded, name=name)


urlpatterns = [
    page("notifications/", inbox.notification_list, "inbox"),
    page("notifications/tray/", inbox.tray, "tray"),
    page("notifications/seeing/", inbox.see_all, "seeing"),
    page("notifications/reading/", inbox.read_all, "reading"),
    page("notifications/archiving/", inbox.archive_read, "archiving"),
    page("notifications/<int:pk>/reading/", inbox.read_one, "notification-reading"),
    page("notifications/<int:pk>/archiving/", inbox.archive_one, "notification-archiving"),
    page("notifications/<int:pk>/snoozing/", inbox.snooze_one, "notification-snoozing"),
    page("notifications/live/<slug:kind>/<int:pk>/changes/", live.changes, "changes"),
    page("notifications/jobs/", jobs.job_list, "jobs"),
    page("notifications/jobs/<int:pk>/cancelling/", jobs.cancel, "job-cancelling"),
    page("notifications/jobs/<int:pk>/retrying/", jobs.retry, "job-retrying"),
    page("notifications/jobs/<int:pk>/dismissing/", jobs.dismiss, "job-dismissing"),
    page("notifications/jobs/<int:pk>/seeing/", jobs.see, "job-seeing"),
    page("notifications/webhooks/", webhooks.own_list, "own-webhooks"),
    page("notifications/webhooks/of/<str:name>/", webhooks.webhook_list, "webhooks"),
    page("notifications/webhooks/<int:pk>/", webhooks.webhook, "webhook"),
    page("notifications/webhooks/<int:pk>/switch/", webhooks.switch, "webhook-switch"),
    page("notifications/webhooks/<int:pk>/secret/", webhooks.renew, "webhook-secret"),
    page("notifications/webhooks/<int:pk>/test/", webhooks.test, "webhook-test"),
    page("notifications/webhooks/<int:pk>/deletion/", webhooks.delete, "webhook-deletion"),
    page("notifications/webhooks/deliveries/<int:pk>/", webhooks.delivery, "webhook-delivery"),
    page("notifications/webhooks/deliveries/<int:pk>/sending/", webhooks.send_again, "webhook-sending"),
    page("announcements/", announcements.announcement_list, "announcements"),
    page("announcements/new/", announcements.create, "announcement-create"),
    page("announcements/<int:pk>/", announcements.announcement, "announcement"),
    page("announcements/<int:pk>/change/", announcements.change, "announcement-change"),
    page("announcements/<int:pk>/stopping/", announcements.stop, "announcement-stopping"),
    page("announcements/<int:pk>/acknowledgement/", announcements.acknowledge, "announcement-acknowledgement"),
    page("announcements/rolls/<int:pk>/", rolls.roll, "announcement-roll"),
    page("announcements/rolls/<int:pk>/roll.csv", rolls.download, "announcement-roll-csv"),
]
