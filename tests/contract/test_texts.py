"""A text that is too long is refused with the name of its field; a shorter one is accepted."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.envelope import Actor, ActorType
from services.errors import InvalidInput, NotFound
from services.outbox import Resolution
from tests.builders import operator
from tests.contract.builders import a_proposal

HOUR = timedelta(hours=1)
CALLS: dict[str, Callable[[Backends, UUID, str], Awaitable[Any]]] = {
    "worker_id": lambda b, t, text: b.outbox.claim(text, limit=1, lease_for=HOUR, tenant=t),
    "actor_type": lambda b, t, text: b.outbox.enqueue(
        [a_proposal(t)], actor=Actor(type=cast("ActorType", text), id="a")
    ),
    "actor_id": lambda b, t, text: b.outbox.requeue(tenant=t, envelopes=None, limit=1, actor=operator(text)),
    "reason": lambda b, t, text: b.tenants.pause(t, actor=operator("olga"), reason=text),
    "decision": lambda b, t, text: b.outbox.resolve(
        t, uuid4(), decision=cast("Resolution", text), actor=operator("olga"), reason=None
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", CALLS)
async def test_a_text_that_is_too_long_in_bytes_is_refused(backends: Backends, tenant: UUID, field: str) -> None:
    most = 16384 if field == "reason" else 1024
    text = "é" * (most // 2)
    with pytest.raises(InvalidInput) as refused:
        await CALLS[field](backends, tenant, text + "x")
    assert str(refused.value) == f"{field}: is {most + 1} bytes; at most {most} fit"
    try:
        await CALLS[field](backends, tenant, text)
    except (InvalidInput, NotFound) as other:
        assert "bytes" not in str(other)  # noqa: PT017  # other rules have their own tests
