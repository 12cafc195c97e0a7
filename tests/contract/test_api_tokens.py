"""API tokens: only the hash is stored. A token ends when it expires or is revoked."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.api_tokens import ApiToken, TokenScope, hash_token, tenant_of
from services.backends import Backends
from services.errors import InvalidInput, NotFound, StateConflict
from services.issue_api_token import MAX_TOKEN_TIME, IssuedToken, issue_api_token
from tests.builders import operator
from tests.clock import FakeClock

OLGA = operator("olga")
DAY = timedelta(days=1)


async def issue(backends: Backends, tenant: UUID, clock: FakeClock, *, lives_for: timedelta = DAY) -> IssuedToken:
    scopes = [TokenScope.READ, TokenScope.PROPOSE]
    return await issue_api_token(backends, tenant, "bot", scopes=scopes, lives_for=lives_for, actor=OLGA, clock=clock)


async def test_a_token_is_found_by_its_hash_in_its_own_tenant_alone(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    issued = await issue(backends, tenant, clock)

    assert tenant_of(issued.secret) == tenant
    assert await backends.api_tokens.find(tenant, hash_token(issued.secret)) == issued.token
    assert await backends.api_tokens.find(other_tenant, hash_token(issued.secret)) is None
    assert await backends.api_tokens.find(tenant, hash_token("another")) is None


async def test_a_token_ends_at_its_moment(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    issued = await issue(backends, tenant, clock)

    clock.advance(days=1)

    assert await backends.api_tokens.find(tenant, hash_token(issued.secret)) is None
    assert await backends.api_tokens.list_tokens(tenant) == [issued.token]


async def test_a_revoked_token_is_not_found_and_names_who_revoked_it(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    issued = await issue(backends, tenant, clock)

    revoked = await backends.api_tokens.revoke(tenant, issued.token.id, actor=operator("maria"))
    again = await backends.api_tokens.revoke(tenant, issued.token.id, actor=operator("nina"))

    assert (revoked.revoked_by, again) == ("maria", revoked)
    assert await backends.api_tokens.find(tenant, hash_token(issued.secret)) is None


async def test_another_tenants_token_cannot_be_revoked(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    issued = await issue(backends, tenant, clock)

    with pytest.raises(NotFound):
        await backends.api_tokens.revoke(other_tenant, issued.token.id, actor=OLGA)
    assert await backends.api_tokens.find(tenant, hash_token(issued.secret)) == issued.token


async def test_issuing_and_revoking_are_audited_without_the_secret(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    issued = await issue(backends, tenant, clock)
    await backends.api_tokens.revoke(tenant, issued.token.id, actor=OLGA)

    rows = await backends.audit_log.tail(tenant, limit=2)

    assert {row.entry.category for row in rows} == {"api_token.created", "api_token.revoked"}
    assert {row.entry.payload["token_id"] for row in rows} == {str(issued.token.id)}
    assert issued.secret not in str(rows)
    assert hash_token(issued.secret) not in str(rows)


@pytest.mark.parametrize("lives_for", [timedelta(0), -DAY, MAX_TOKEN_TIME + timedelta(seconds=1)])
async def test_a_token_lives_a_year_at_most(
    backends: Backends, tenant: UUID, clock: FakeClock, lives_for: timedelta
) -> None:
    with pytest.raises(InvalidInput, match="expires_in"):
        await issue(backends, tenant, clock, lives_for=lives_for)
    with pytest.raises(InvalidInput, match="expires_at"):
        await backends.api_tokens.create(
            tenant, uuid4(), agent="bot", scopes=[TokenScope.READ], token_hash="0" * 64,
            expires_at=clock() + lives_for, actor=OLGA,
        )  # fmt: skip


async def test_a_token_needs_a_tenant(backends: Backends, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        await issue(backends, uuid4(), clock)


BAD: dict[str, list[Any]] = {
    "agent": ["", "x" * 256],
    "scopes": [[], ["admin"], ["read", "admin"]],
    "token_hash": ["aa", "", "a" * 66],
    "a value": ["z" * 64, "abc"],
}
"""Values that no token has, by the field that is named; a hash that is not hexadecimal is only `a value`."""


async def test_a_token_that_breaks_a_rule_is_refused_by_every_backend(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    def create(**overrides: Any) -> Coroutine[Any, Any, ApiToken]:
        token = {"id": uuid4(), "agent": "bot", "scopes": ["read"], "token_hash": uuid4().hex * 2, **overrides}
        return backends.api_tokens.create(tenant, token.pop("id"), **token, expires_at=clock() + DAY, actor=OLGA)

    for field, values in BAD.items():
        for value in values:
            with pytest.raises(InvalidInput, match=f"^{field}: (is too long, empty|cannot be stored)"):
                await create(**{"token_hash" if field == "a value" else field: value})

    first = await create(token_hash="ab" * 32)
    with pytest.raises(StateConflict, match=r"^id: already exists"):
        await create(id=first.id)
    with pytest.raises(StateConflict, match=r"^token_hash: already exists"):
        await create(token_hash="AB" * 32)
    assert await backends.api_tokens.find(tenant, "AB" * 32) == first
    with pytest.raises(InvalidInput):
        await backends.api_tokens.find(tenant, "zz")
    assert await backends.api_tokens.list_tokens(tenant) == [first]
