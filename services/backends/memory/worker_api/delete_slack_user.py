"""Remove a Slack user, who can then no longer decide approvals in Slack."""

from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound
from services.subscriptions.slack_users import SlackUser


def delete_slack_user(state: State, tenant: UUID, app: str, slack_user_id: str, *, actor: Actor) -> SlackUser:
    """See `services.subscriptions.slack_users.SlackUsers.delete`."""
    check_texts(app=app, slack_user_id=slack_user_id, **actor_texts(actor))
    with state.change() as now:
        deleted = state.slack_users.pop((tenant, app, slack_user_id), None)
        if deleted is None:
            raise NotFound("slack user", slack_user_id)
        payload = {"app": app, "slack_user_id": slack_user_id, "user_id": deleted.user_id}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="slack_user.deleted", payload=payload)
        append_audit(state, [entry], now)
        return deleted
