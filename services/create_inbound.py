"""Create an inbound webhook, to which another system sends events, or give an existing one a new secret."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from services.backends import Backends
from services.envelope import Actor
from services.subscriptions.inbound import InboundWebhook
from services.subscriptions.secrets import INBOUND, signing_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInbound:
    """An inbound webhook and the secret of its sender, which nobody can read again."""

    webhook: InboundWebhook
    secret: str = field(repr=False)


async def create_inbound(
    backends: Backends, tenant: UUID, name: str, *, key: str | None, actor: Actor
) -> SignedInbound:
    """Create an inbound webhook. Raises InvalidInput, NotFound, StateConflict; NotReady without `key`."""
    id_ = uuid4()
    secret = signing_secret(key, tenant, id_, 1, purpose=INBOUND)
    created = await backends.inbound_webhooks.create(tenant, id_, name, actor=actor)
    return SignedInbound(webhook=created, secret=secret)


async def rotate_inbound(
    backends: Backends, tenant: UUID, webhook: UUID, *, key: str | None, actor: Actor
) -> SignedInbound:
    """Create a new secret; the old one is accepted for 24 more hours. Raises NotFound; NotReady without `key`."""
    signing_secret(key, tenant, webhook, 1, purpose=INBOUND)  # raises NotReady before anything changes
    changed = await backends.inbound_webhooks.rotate_secret(tenant, webhook, actor=actor)
    secret = signing_secret(key, tenant, webhook, changed.secret_version, purpose=INBOUND)
    return SignedInbound(webhook=changed, secret=secret)
