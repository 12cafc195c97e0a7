"""Connections to mocks of ticket systems."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.sources import Cursor, Page, TicketSource, spec
from control_plane.apps.autopilot.sources.logins import Login, resolver
from control_plane.apps.autopilot.sources.registry import open_source
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.autopilot.api_server import ApiServer

TENANT, CONNECTION = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Connection:
    """A connection to a mock, with the login that it accepts."""

    server: ApiServer
    kind: str
    login: Mapping[str, Any] = field(default_factory=dict)

    def open(
        self, *, login: Mapping[str, Any] | None = None, allowed: tuple[str, ...] | None = None, **settings: Any
    ) -> AbstractAsyncContextManager[TicketSource]:
        """The source; `settings` are those of the connection besides the address."""
        found = Login(
            tenant_id=TENANT, connection_id=CONNECTION, connection_type=self.kind, host=self.server.host,
            **(login or {"user": ApiServer.USER, "password": ApiServer.PASSWORD}),
        )  # fmt: skip
        return open_source(
            self.kind,
            {"url": self.server.url, **settings},
            tenant_id=TENANT,
            connection_id=CONNECTION,
            resolve=resolver({"desk": found}),
            allowed_hosts=AllowedHosts((self.server.host,) if allowed is None else allowed),
        )


async def read_all(source: TicketSource, cursor: Cursor | None = None) -> list[Page]:
    return [page async for page in source.pages(cursor)]


def ids_in(pages: list[Page]) -> list[str]:
    return [ticket.external_id for page in pages for ticket in page.tickets]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a source waited; no test really waits."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    original = spec.SourceContext

    def context(**values: Any) -> spec.SourceContext:
        return original(**values, sleep=sleep)

    monkeypatch.setattr("control_plane.apps.autopilot.sources.registry.SourceContext", context)
    return waited
