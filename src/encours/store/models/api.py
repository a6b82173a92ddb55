"""Who may speak to the API for a company, and what it answered to requests that must count once."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class ApiToken(Scoped):
    """A key another program holds. Its text is shown once; only a hash of it is kept."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)  # SHA-256 of the text: 256 random bits need no slow hash
    ending = models.CharField(max_length=4)  # the text's last letters, to tell tokens apart
    scopes = models.JSONField(default=list)  # codes of core.scopes
    created_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    # requests of the running minute
    window_at = models.DateTimeField(null=True)
    window_count = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "digest"], name="api_token_digest"),
        ]


class KeptAnswer(Scoped):
    """What a request with an Idempotency-Key was answered: the same request again is answered the same."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)  # of method, path and body
    status = models.SmallIntegerField(default=0)  # 0 only inside the transaction that works on it
    body = models.JSONField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="kept_answer_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["company", "answered_at"], name="kept_answer_age")]
