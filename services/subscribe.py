"""Subscribe to a tenant's events: by webhook, in Slack or by e-mail."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput, NotReady
from services.subscriptions import NewSubscription, Subscription, SubscriptionKind
from services.subscriptions.events import EventType
from services.subscriptions.secrets import signing_secret
from services.tools.email import NOTICE_SERVER, SmtpServer, is_address

MAX_ADDRESSES = 20
"""The most addresses of one e-mail subscription."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSubscription:
    """A webhook and its secret, which nobody can read again."""

    subscription: Subscription
    secret: str = field(repr=False)


async def subscribe_webhook(
    backends: Backends,
    tenant: UUID,
    url: str,
    event_types: Iterable[str],
    *,
    description: str = "",
    key: str | None,
    actor: Actor,
    more_types: Collection[str] = (),
) -> SignedSubscription:
    """Send events to a URL. The secret is computed from `key`, the key of the installation.

    `more_types` are the types of the events that applications add. Raises InvalidInput, NotFound for an unknown tenant,
    NotReady without a key.
    """
    _check_url(url)
    id_ = uuid4()
    secret = signing_secret(key, tenant, id_, 1)
    new = NewSubscription(
        id=id_, kind=SubscriptionKind.WEBHOOK, target=url, event_types=check_event_types(event_types, more_types),
        description=description,
    )  # fmt: skip
    return SignedSubscription(
        subscription=await backends.subscriptions.create(tenant, new, actor=actor), secret=secret
    )  # fmt: skip


async def subscribe_slack(
    backends: Backends,
    tenant: UUID,
    app: str,
    channel: str,
    event_types: Iterable[str],
    *,
    apps: Mapping[str, UUID],
    description: str = "",
    actor: Actor,
    more_types: Collection[str] = (),
) -> Subscription:
    """Post events to a Slack channel. `apps` has the tenant of each Slack app that the installation knows.

    Raises InvalidInput, NotFound for an unknown tenant.
    """
    check_slack_app(app, tenant, apps)
    if not re.fullmatch("[A-Z0-9]{1,64}", channel):
        raise InvalidInput("channel", "must be the id of a Slack channel, such as C012AB3CD")
    new = NewSubscription(
        id=uuid4(), kind=SubscriptionKind.SLACK, target=channel, via=app, description=description,
        event_types=check_event_types(event_types, more_types),
    )  # fmt: skip
    return await backends.subscriptions.create(tenant, new, actor=actor)


async def subscribe_email(
    backends: Backends,
    tenant: UUID,
    addresses: Sequence[str],
    event_types: Iterable[str],
    *,
    server: SmtpServer | None,
    description: str = "",
    actor: Actor,
    more_types: Collection[str] = (),
) -> Subscription:
    """Send e-mail about events to these addresses. `server` is the SMTP server for notices.

    Raises InvalidInput, NotFound for an unknown tenant, NotReady without a server.
    """
    if server is None:
        raise NotReady(f"ACP_SMTP_SERVERS has no server named {NOTICE_SERVER!r}, so there are no notices by e-mail")
    unique = tuple(dict.fromkeys(addresses))
    if not 1 <= len(unique) <= MAX_ADDRESSES:
        raise InvalidInput("addresses", f"must have 1 to {MAX_ADDRESSES} addresses")
    for address in unique:
        if not is_address(address):
            raise InvalidInput("addresses", f"{address[:80]!r} is not an address such as ann@acme.example")
        if not server.accepts(address):
            raise InvalidInput("addresses", f"{address!r} is in none of the domains to which notices may be sent")
    new = NewSubscription(
        id=uuid4(), kind=SubscriptionKind.EMAIL, target=",".join(unique), description=description,
        event_types=check_event_types(event_types, more_types),
    )  # fmt: skip
    return await backends.subscriptions.create(tenant, new, actor=actor)


def check_slack_app(app: str, tenant: UUID, apps: Mapping[str, UUID]) -> None:
    """Raise InvalidInput for a Slack app that is not the tenant's."""
    if apps.get(app) != tenant:
        raise InvalidInput("app", "is no Slack app of this tenant; an operator adds it to ACP_SLACK_APPS")


def check_event_types(patterns: Iterable[str], more_types: Collection[str] = ()) -> tuple[str, ...]:
    """The patterns without duplicates. Raises InvalidInput for a pattern that covers no event type."""
    unique = tuple(dict.fromkeys(patterns))
    types = [*EventType, *more_types]
    whole = sorted({f"{each.partition('.')[0]}.*" for each in types})
    for pattern in unique:
        if pattern not in {*types, *whole}:
            known = ", ".join([*whole, *types])
            raise InvalidInput("event_types", f"{pattern[:80]!r} is not one of {known}")
    if not unique:
        raise InvalidInput("event_types", "is empty; name at least one, such as approval.requested")
    return unique


def _check_url(url: str) -> None:
    """Raise InvalidInput for an invalid URL. Its IP address is checked at each call, because DNS entries change."""
    try:
        parts = urlsplit(url)
        has_login = parts.username is not None or parts.password is not None
        is_url = bool(re.fullmatch(r"https?://[!-~]+", url)) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url, has_login = False, False
    if not is_url or len(url) > 1024:
        raise InvalidInput("url", "must be an http or https URL of at most 1024 characters")
    if has_login:
        raise InvalidInput("url", "must not contain a login: members of the tenant can read it")
