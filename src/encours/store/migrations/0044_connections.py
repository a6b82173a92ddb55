"""Connections of all kinds have the same columns and the same states."""

from django.db import migrations, models

STATE = models.CharField(
    choices=[("pending", "Pending"), ("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")],
    default="active",
    max_length=8,
)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0043_mail_notices"),
    ]

    operations = [
        migrations.RenameField("mailbox", "seal_key", "hook_key"),
        migrations.AlterField("mailbox", "state", STATE),
        migrations.AlterField("channelconnection", "state", STATE),
        migrations.AlterField("gatewayconnection", "state", STATE),
    ]
