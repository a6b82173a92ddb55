"""Notices of mail services that mail came in, and consents to read a mailbox that are under way."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("mailnotice", "mailboxconsent")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


def _scoped() -> list[tuple[str, models.Field]]:
    return [
        ("id", models.BigAutoField(primary_key=True, serialize=False)),
        (
            "created_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        (
            "company",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("store", "0042_orders")]

    operations = [
        migrations.CreateModel(
            name="MailNotice",
            fields=[
                *_scoped(),
                ("digest", models.CharField(max_length=64)),
                ("content_type", models.CharField(max_length=300)),
                ("size", models.BigIntegerField()),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Taken"),
                            ("refused", "Refused"),
                            ("seen", "Seen"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("problem", models.JSONField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.storedfile",
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="store.mailbox",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MailboxConsent",
            fields=[
                *_scoped(),
                ("asked_by", models.BigIntegerField()),
                ("sealed", models.TextField()),
                ("expires_at", models.DateTimeField()),
                (
                    "mailbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="store.mailbox",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="mailnotice",
            constraint=models.UniqueConstraint(fields=("mailbox", "digest"), name="mail_notice_digest"),
        ),
        migrations.AddIndex(
            model_name="mailnotice",
            index=models.Index(fields=["mailbox", "received_at"], name="mail_notice_recent"),
        ),
        migrations.AddIndex(
            model_name="mailnotice",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "refused"])),
                fields=["company", "mailbox", "id"],
                name="mail_notice_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailboxconsent",
            constraint=models.UniqueConstraint(fields=("mailbox",), name="one_mailbox_consent"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("mail_id", ""), _negated=True),
                fields=["company", "mail_id"],
                name="reply_mail_id",
            ),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
