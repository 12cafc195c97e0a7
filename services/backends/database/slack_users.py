"""Slack users in the database."""

from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor
from services.subscriptions.slack_users import SlackUser

_SLACK_USER_READER = Reader(SlackUser, created_at=NEVER)


class DatabaseSlackUsers:
    """See `services.subscriptions.slack_users.SlackUsers`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_users(self, tenant: UUID) -> list[SlackUser]:
        return [_SLACK_USER_READER.read(row) for row in await self._functions.call("list_slack_users", tenant=tenant)]

    async def save(self, tenant: UUID, app: str, slack_user_id: str, *, user_id: str, actor: Actor) -> SlackUser:
        row = await self._functions.call(
            "save_slack_user", tenant=tenant, app=app, slack_user_id=slack_user_id, user_id=user_id, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return _SLACK_USER_READER.read(row)

    async def delete(self, tenant: UUID, app: str, slack_user_id: str, *, actor: Actor) -> SlackUser:
        row = await self._functions.call(
            "delete_slack_user", tenant=tenant, app=app, slack_user_id=slack_user_id, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return _SLACK_USER_READER.read(row)
