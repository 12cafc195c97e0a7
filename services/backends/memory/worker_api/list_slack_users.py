"""The Slack users of a tenant who may decide approvals."""

from uuid import UUID

from services.backends.memory.state import State
from services.subscriptions.slack_users import SlackUser


def list_slack_users(state: State, tenant: UUID) -> list[SlackUser]:
    """See `services.subscriptions.slack_users.SlackUsers.list_users`."""
    found = [user for key, user in state.slack_users.items() if key[0] == tenant]
    return sorted(found, key=lambda user: (user.app, user.slack_user_id))
