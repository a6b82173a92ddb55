"""A message tells how many documents it asks for and since when the oldest is due, a reminder its due date: lists read
no reminder, and what a message asks for first comes from its reminders alone."""

from django.db import migrations, models

FILL_REMINDERS = """
UPDATE store_reminder r SET due_date = coalesce(i.due_date, d.due_date)
FROM store_reminder of_it JOIN store_document d ON d.id = of_it.document_id
LEFT JOIN store_instalment i ON i.document_id = of_it.document_id AND i.position = of_it.position
WHERE of_it.id = r.id
"""
# what was called off before it left has no reminder that counts, and still tells what it was planned for
FILL_MESSAGES = """
UPDATE store_message m SET document_count = asked.documents, oldest_due_date = asked.oldest
FROM (SELECT r.message_id, count(DISTINCT r.document_id) AS documents, min(r.due_date) AS oldest
      FROM store_reminder r
      JOIN store_message of_it ON of_it.id = r.message_id AND (r.counts OR of_it.state = 'cancelled')
      GROUP BY r.message_id) asked
WHERE m.id = asked.message_id
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0014_adjustments")]

    operations = [
        migrations.AddField("message", "document_count", models.PositiveIntegerField(default=0)),
        migrations.AddField("message", "oldest_due_date", models.DateField(null=True)),
        migrations.AddField("reminder", "due_date", models.DateField(null=True)),
        migrations.RunSQL(FILL_REMINDERS, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_MESSAGES, migrations.RunSQL.noop),
        migrations.AlterField("reminder", "due_date", models.DateField()),
    ]
