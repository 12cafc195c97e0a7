"""Read the stamps of a tenant's policy and of tools."""

from collections.abc import Iterable
from uuid import UUID

from services.backends.memory.stamps import tool_stamp
from services.backends.memory.state import State
from services.backends.memory.worker_api.read_policies import read_policies
from services.stamps import Stamps


def read_stamps(state: State, tenant: UUID, tool_slugs: Iterable[str]) -> Stamps:
    """See `services.guardrails.Guardrails.stamps`."""
    policy = read_policies(state, [tenant]).get(tenant)
    return Stamps(
        policy=None if policy is None else policy.stamp,
        tools={slug: tool_stamp(state, tenant, slug) for slug in tool_slugs},
    )
