"""The actors of these tests, and who acted last by the audit log."""

from uuid import UUID

from services.backends import Backends
from services.envelope import Actor, ActorType, Door

OLGA = Actor(type=ActorType.OPERATOR, id="olga", door=Door.CLI)
MARIA = Actor(type=ActorType.USER, id="maria", door=Door.CONSOLE)


async def last_act(backends: Backends, tenant: UUID) -> tuple[str, ActorType, str]:
    """The category and the actor of the tenant's newest audit row."""
    [row] = await backends.audit_log.tail(tenant, limit=1)
    return row.entry.category, row.entry.actor.type, row.entry.actor.id
