"""What every row of business data has: its company."""

from django.db import models
from django.db.models.functions import Now

from encours.store.models.companies import Company


class Scoped(models.Model):
    """Row-level security keeps a row invisible outside its company's scope (migration 0002)."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
