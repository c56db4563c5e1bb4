"""What other rooms add to a message is kept in its row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0011_named"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="parts",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
    ]
