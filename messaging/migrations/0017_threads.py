"""Threads: chats below a message of another chat."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0016_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="chat",
            name="parent",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="threads",
                to="messaging.chat",
            ),
        ),
        migrations.AddField(
            model_name="chat",
            name="root",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="thread",
                to="messaging.message",
            ),
        ),
        migrations.AlterField(
            model_name="chat",
            name="kind",
            field=models.CharField(
                choices=[
                    ("open", "Open room"),
                    ("private", "Private room"),
                    ("direct", "Direct message"),
                    ("thread", "Thread"),
                ],
                default="open",
                max_length=20,
            ),
        ),
    ]
