"""Make autopilot send a tenant's notifications to the three queues of a broker, in one step."""

from collections.abc import Sequence
from uuid import UUID

from control_plane.apps.autopilot.notifications.queues import QUEUES
from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store.settings import AutopilotSettings, save_settings
from services.add_tool import add_tool
from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput


async def connect_queues(
    backends: Backends, tenant: UUID, broker: str, *, brokers: Sequence[str], actor: Actor
) -> AutopilotSettings:
    """Add a tool for each queue to the tenant's catalog, and name these tools in its settings. `brokers` are those of
    ACP_AMQP_BROKERS. Doing it again changes nothing. Raises InvalidInput, NotFound."""
    functions = functions_of(backends)
    if broker not in brokers:
        raise InvalidInput("broker", f"ACP_AMQP_BROKERS has no broker named {broker!r}")
    for queue in QUEUES:
        await add_tool(backends, {
            "tenant_id": tenant, "tool_slug": queue.tool_slug, "version": "1", "risk": "low", "idempotent": True,
            "description": f"Sends a message to the queue {queue.name}.", "schema": queue.schema, "provider": "amqp",
            "config": {"broker": broker, "exchange": "", "routing_key": queue.name, "body": "arguments"},
        }, actor=actor)  # fmt: skip
    return await save_settings(
        functions, tenant, {queue.setting: queue.tool_slug for queue in QUEUES}, actor=actor
    )  # fmt: skip
