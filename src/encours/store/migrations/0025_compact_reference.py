"""Payment references are kept as banks leave them too: one is found in an index, where it was a walk over all of them."""

import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import Func, Value


class Migration(migrations.Migration):
    dependencies = [("store", "0024_account_names")]
    operations = [
        migrations.RemoveIndex(model_name="document", name="document_payment_reference"),
        migrations.AddField(
            model_name="document",
            name="compact_reference",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Upper(
                    Func(
                        "payment_reference",
                        Value("[^A-Za-z0-9]"),
                        Value(""),
                        Value("g"),
                        function="regexp_replace",
                    )
                ),
                output_field=models.CharField(max_length=80),
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["company", "compact_reference"],
                condition=models.Q(("compact_reference", ""), _negated=True),
                name="document_compact_reference",
            ),
        ),
    ]
