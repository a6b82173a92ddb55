"""Work that waits in the queue: one module per job, each re-runnable. Deferred by name (actions.defer_job)."""

from encours.jobs import (
    accept_proposals,
    build_court_file,
    ask_channels,
    deliver_webhooks,
    import_file,
    plan_day,
    preview_matching_rules,
    preview_policy_change,
    read_mailboxes,
    reconcile,
    reconciliation_run,
    retry_stalled,
    run_simulation,
    send_digests,
    send_messages,
    sync_bank,
)

__all__ = [
    "accept_proposals",
    "build_court_file",
    "ask_channels",
    "deliver_webhooks",
    "import_file",
    "plan_day",
    "preview_matching_rules",
    "preview_policy_change",
    "read_mailboxes",
    "reconcile",
    "reconciliation_run",
    "retry_stalled",
    "run_simulation",
    "send_digests",
    "send_messages",
    "sync_bank",
]
