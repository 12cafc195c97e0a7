"""Two tenants on the memory backend, for the tests of jobs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest

from control_plane.jobs import (
    JobContext,
)
from services.backends.open import memory_backends
from services.tenants import Tenant
from services.tools.dispatch import Tools
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.control_plane.jobs.world import LIST, SEND, Mail, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock()
    clock.now = NOW
    async with memory_backends(clock=clock) as backends:
        acme, zebra = uuid4(), uuid4()
        for tenant in (acme, zebra):
            await backends.tenants.save(Tenant(id=tenant, name="a tenant"), actor=operator("olga"))
        mail = Mail()
        context = JobContext(backends=backends, tools=cast("Tools", mail), rules={}, keep_settled=timedelta(days=90))
        world = World(context, mail, acme, zebra, clock)
        await world.sync(LIST, SEND)
        yield world
