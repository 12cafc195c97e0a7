"""Store which person of a tenant a Slack user is."""

import re
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput
from services.subscriptions.slack_users import SlackUser

MAX_USERS = 1000


def save_slack_user(
    state: State, tenant: UUID, app: str, slack_user_id: str, *, user_id: str, actor: Actor
) -> SlackUser:
    """See `services.subscriptions.slack_users.SlackUsers.save`."""
    check_texts(app=app, slack_user_id=slack_user_id, user_id=user_id, **actor_texts(actor))
    with state.change() as now:
        if not re.fullmatch("[A-Z0-9]{1,64}", slack_user_id):
            raise InvalidInput("slack_user_id", "must be the id of a Slack user, such as U012AB3CD")
        for field, value in (("user_id", user_id), ("app", app)):
            if not 1 <= len(value) <= 255:
                raise InvalidInput(field, "must have 1 to 255 characters")
        state.require_tenant(tenant)
        if sum(key[0] == tenant and key[1:] != (app, slack_user_id) for key in state.slack_users) >= MAX_USERS:
            raise InvalidInput("slack_users", f"a tenant has at most {MAX_USERS}; delete some first")
        saved = SlackUser(
            tenant_id=tenant, app=app, slack_user_id=slack_user_id, user_id=user_id, created_at=now, created_by=actor.id
        )
        state.slack_users[tenant, app, slack_user_id] = saved
        payload = {"app": app, "slack_user_id": slack_user_id, "user_id": user_id}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="slack_user.saved", payload=payload)
        append_audit(state, [entry], now)
        return saved
