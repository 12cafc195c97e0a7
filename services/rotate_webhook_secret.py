"""Give a webhook a new signing secret. The old one also signs for 24 hours, so that no delivery is refused."""

from uuid import UUID

from services.backends import Backends
from services.envelope import Actor
from services.subscribe import SignedSubscription
from services.subscriptions.secrets import signing_secret


async def rotate_webhook_secret(
    backends: Backends, tenant: UUID, webhook: UUID, *, key: str | None, actor: Actor
) -> SignedSubscription:
    """The webhook and its new secret. Raises NotFound; NotReady without the installation's `key`."""
    signing_secret(key, tenant, webhook, 1)  # raises NotReady before anything changes
    changed = await backends.subscriptions.rotate_secret(tenant, webhook, actor=actor)
    return SignedSubscription(
        subscription=changed, secret=signing_secret(key, tenant, webhook, changed.secret_version)
    )  # fmt: skip
