"""Links in announcements lead to whole addresses only: relative ones, which were taken before, become text."""

import re

from django.db import migrations

RELATIVE = r'<a href="(?!https?://|mailto:)'


def unlink(apps, schema_editor):
    announcements = apps.get_model("notifications", "Announcement").objects
    for announcement in announcements.filter(html__iregex=RELATIVE).iterator():
        html = re.sub(rf"{RELATIVE}[^>]*>(.*?)</a>", r"\1", announcement.html, flags=re.IGNORECASE | re.DOTALL)
        announcements.filter(pk=announcement.pk).update(html=html)


class Migration(migrations.Migration):

    dependencies = [("notifications", "0006_changed_by")]

    operations = [migrations.RunPython(unlink, migrations.RunPython.noop)]
