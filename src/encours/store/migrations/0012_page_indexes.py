"""What is overdue per customer comes from an index alone; settled documents by due date."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0011_reminder_customer")]

    operations = [
        migrations.RemoveIndex(model_name="document", name="document_open_customer"),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["company", "customer", "due_date"],
                include=["open_cents", "currency", "instalment_count"],
                condition=models.Q(("open_cents", 0), _negated=True),
                name="document_open_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["company", "due_date", "id"],
                condition=models.Q(("open_cents", 0)),
                name="document_settled_due",
            ),
        ),
    ]
