"""What customers ask for in the portal waits for an answer: plans that may be offered otherwise, contacts to correct."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_contactrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_contactrequest
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_contactrequest; ALTER TABLE store_contactrequest DISABLE ROW LEVEL SECURITY;"


def _refers_to(model, on_delete=django.db.models.deletion.PROTECT, related_name="+", **more):
    return models.ForeignKey(
        to=f"store.{model}", on_delete=on_delete, related_name=related_name, db_index=False, **more
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0047_movement_references")]

    operations = [
        migrations.AddField(
            "planrequest", "asked_email", models.EmailField(blank=True, default="", max_length=254)
        ),
        migrations.AddField("planrequest", "offered_instalments", models.JSONField(null=True)),
        migrations.AddField("planrequest", "offered_interest_cents", models.BigIntegerField(null=True)),
        migrations.AlterField(
            "planrequest",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("offered", "Offered"),
                    ("accepted", "Accepted"),
                    ("refused", "Refused"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="waiting",
                max_length=9,
            ),
        ),
        migrations.RemoveConstraint("planrequest", "one_waiting_plan_request"),
        migrations.AddConstraint(
            "planrequest",
            models.UniqueConstraint(
                fields=("customer", "currency"),
                condition=models.Q(("state__in", ("waiting", "offered"))),
                name="one_waiting_plan_request",
            ),
        ),
        migrations.AddIndex(
            "planrequest", models.Index(fields=["company", "customer", "-id"], name="plan_request_customer")
        ),
        migrations.CreateModel(
            name="ContactRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("left", "Left"),
                            ("moved", "Moved"),
                        ],
                        max_length=7,
                    ),
                ),
                ("changes", models.JSONField()),
                ("asked_email", models.EmailField(blank=True, max_length=254)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("replaced", "Replaced"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("company", _refers_to("company")),
                (
                    "contact",
                    _refers_to("contact", django.db.models.deletion.SET_NULL, "requests", null=True),
                ),
                ("customer", _refers_to("customer", related_name="contact_requests")),
                ("link", _refers_to("portallink")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "state", "-id"], name="contact_request_state"),
                    models.Index(fields=["company", "customer", "-id"], name="contact_request_customer"),
                    models.Index(fields=["contact"], name="contact_request_contact"),
                ],
            },
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
