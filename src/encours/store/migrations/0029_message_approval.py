"""Whose approval a message waits for is said by the message: it may carry steps of several policies, of which the strictest
counts."""

from django.db import migrations, models

FROM_STEPS = """
UPDATE store_message m SET approval = s.approval FROM store_policystep s
WHERE s.policy_id = m.policy_id AND s.company_id = m.company_id AND s.code = m.step_code
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0028_policies")]

    operations = [
        migrations.AddField("message", "approval", models.CharField(blank=True, default="", max_length=10)),
        migrations.RunSQL(FROM_STEPS, migrations.RunSQL.noop),
    ]
