from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("notifications", "0003_occurrences")]

    operations = [
        migrations.RemoveConstraint("notification", "one_notification_per_key"),
        migrations.RemoveField("notification", "key"),
    ]
