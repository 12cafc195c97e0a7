"""Add a tenant."""

from uuid import uuid4

from services.backends import Backends
from services.envelope import Actor
from services.tenants import Tenant


async def add_tenant(backends: Backends, name: str, *, plan: str, lanes: int, actor: Actor) -> Tenant:
    """Add a tenant with a new id. Raises InvalidInput that names the invalid field."""
    tenant = Tenant(id=uuid4(), name=name, plan=plan, lanes=lanes)
    await backends.tenants.save(tenant, actor=actor)
    return tenant
