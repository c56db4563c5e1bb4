"""Links in messages lead to whole addresses only: relative ones, which were taken before, become text."""

import re

from django.db import migrations

RELATIVE = r'<a href="(?!https?://|mailto:)'


def unlink(apps, schema_editor):
    messages = apps.get_model("messaging", "Message").objects
    for message in messages.filter(html__iregex=RELATIVE).iterator():
        html = re.sub(rf"{RELATIVE}[^>]*>(.*?)</a>", r"\1", message.html, flags=re.IGNORECASE | re.DOTALL)
        messages.filter(pk=message.pk).update(html=html)


class Migration(migrations.Migration):

    dependencies = [("messaging", "0004_bans")]

    operations = [migrations.RunPython(unlink, migrations.RunPython.noop)]
