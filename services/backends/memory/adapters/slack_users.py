"""Slack users in memory."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.delete_slack_user import delete_slack_user
from services.backends.memory.worker_api.list_slack_users import list_slack_users
from services.backends.memory.worker_api.save_slack_user import save_slack_user
from services.envelope import Actor
from services.subscriptions.slack_users import SlackUser


class MemorySlackUsers:
    """See `services.subscriptions.slack_users.SlackUsers`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_users(self, tenant: UUID) -> list[SlackUser]:
        return list_slack_users(self._state, tenant)

    async def save(self, tenant: UUID, app: str, slack_user_id: str, *, user_id: str, actor: Actor) -> SlackUser:
        return save_slack_user(self._state, tenant, app, slack_user_id, user_id=user_id, actor=actor)

    async def delete(self, tenant: UUID, app: str, slack_user_id: str, *, actor: Actor) -> SlackUser:
        return delete_slack_user(self._state, tenant, app, slack_user_id, actor=actor)
