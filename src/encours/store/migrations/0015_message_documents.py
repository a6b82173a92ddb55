"""A message tells how many documents it asks for and since when the oldest is due: lists read no reminder for it."""

from django.db import migrations, models

# what was called off before it left has no reminder that counts, and still tells what it was planned for
FILL = """
UPDATE store_message m SET document_count = asked.documents, oldest_due_date = asked.oldest
FROM (SELECT r.message_id, count(DISTINCT r.document_id) AS documents, min(coalesce(i.due_date, d.due_date)) AS oldest
      FROM store_reminder r
      JOIN store_message of_it ON of_it.id = r.message_id AND (r.counts OR of_it.state = 'cancelled')
      JOIN store_document d ON d.id = r.document_id
      LEFT JOIN store_instalment i ON i.document_id = r.document_id AND i.position = r.position
      GROUP BY r.message_id) asked
WHERE m.id = asked.message_id
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0014_adjustments")]

    operations = [
        migrations.AddField("message", "document_count", models.PositiveIntegerField(default=0)),
        migrations.AddField("message", "oldest_due_date", models.DateField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
