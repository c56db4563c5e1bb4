"""Addresses below /notifications/ and /announcements/."""

from django.urls import path

from notifications.announcements import rolls
from notifications.announcements import views as announcements
from notifications.inbox import views as inbox
from notifications.jobs import views as jobs
from notifications.live import views as live

urlpatterns = [
    path("", inbox.notification_list, name="notifications"),
    path("tray/", inbox.tray, name="notifications-tray"),
    path("seeing/", inbox.see_all, name="notifications-seeing"),
    path("reading/", inbox.read_all, name="notifications-reading"),
    path("archiving/", inbox.archive_read, name="notifications-archiving"),
    path("live/<slug:kind>/<int:pk>/changes/", live.changes, name="live-changes"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/cancelling/", jobs.cancel, name="job-cancelling"),
    path("jobs/<int:pk>/retrying/", jobs.retry, name="job-retrying"),
    path("jobs/<int:pk>/dismissing/", jobs.dismiss, name="job-dismissing"),
    path("jobs/<int:pk>/seeing/", jobs.see, name="job-seeing"),
    path("<int:pk>/reading/", inbox.read_one, name="notification-reading"),
    path("<int:pk>/archiving/", inbox.archive_one, name="notification-archiving"),
    path("<int:pk>/snoozing/", inbox.snooze_one, name="notification-snoozing"),
]
announcement_urlpatterns = [
    path("", announcements.announcement_list, name="announcements"),
    path("new/", announcements.create, name="announcement-create"),
    path("<int:pk>/", announcements.announcement, name="announcement"),
    path("<int:pk>/change/", announcements.change, name="announcement-change"),
    path("<int:pk>/stopping/", announcements.stop, name="announcement-stopping"),
    path("<int:pk>/acknowledgement/", announcements.acknowledge, name="announcement-acknowledgement"),
    path("rolls/<int:pk>/", rolls.roll, name="announcement-roll"),
    path("rolls/<int:pk>/roll.csv", rolls.download, name="announcement-roll-csv"),
]
