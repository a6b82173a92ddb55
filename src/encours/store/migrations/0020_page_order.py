"""The agenda in its order, and the reminders of a document, from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0019_returns")]

    operations = [
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["company", "state", "-amount_cents", "id"],
                condition=models.Q(("state__in", ["waiting", "approved"])),
                name="message_agenda",
            ),
        ),
        migrations.AddIndex(
            "reminder",
            models.Index(
                fields=["customer", "document"],
                condition=models.Q(("counts", False)),
                name="reminder_without_count",
            ),
        ),
    ]
