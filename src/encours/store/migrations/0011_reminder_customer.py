"""A reminder tells its customer: a plan writes its two indexes in their order, each page once."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE store_reminder r SET customer_id = m.customer_id FROM store_message m WHERE m.id = r.message_id
"""


def _customer(*, null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="store.customer",
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0010_import_notes")]

    operations = [
        migrations.AddField(model_name="reminder", name="customer", field=_customer(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(model_name="reminder", name="customer", field=_customer(null=False)),
        migrations.RemoveConstraint(model_name="reminder", name="one_reminder_per_step"),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=["customer", "document", "position", "step_code", "cycle"],
                condition=models.Q(counts=True),
                name="one_reminder_per_step",
            ),
        ),
    ]
