"""What made the notifications that there are becomes rows of its own, with the keys that make it tellable only once."""

from django.db import migrations
from django.db.models import F


def occurrences_of_notifications(apps, schema_editor):
    """Make one occurrence for each notification, and let what was read count as seen."""
    Notification = apps.get_model("notifications", "Notification")
    Occurrence = apps.get_model("notifications", "Occurrence")
    found = Notification.objects.values_list("pk", "inbox_id", "key", "text", "url").iterator()
    rows = (
        Occurrence(notification_id=pk, inbox_id=inbox, key=key, text=text, url=url)
        for pk, inbox, key, text, url in found
    )
    Occurrence.objects.bulk_create(rows, batch_size=1000)
    Notification.objects.update(newest_at=F("created_at"), seen_at=F("read_at"))


class Migration(migrations.Migration):

    dependencies = [("notifications", "0002_states")]

    operations = [migrations.RunPython(occurrences_of_notifications, migrations.RunPython.noop)]
