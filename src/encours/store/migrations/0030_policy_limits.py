"""How often a week a customer may be contacted, and which of several levels a message takes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0029_message_approval")]

    operations = [
        migrations.AddField("policy", "max_contacts_per_week", models.PositiveSmallIntegerField(default=3)),
        migrations.AddField("policy", "level", models.CharField(default="oldest", max_length=10)),
    ]
