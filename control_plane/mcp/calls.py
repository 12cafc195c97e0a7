"""The MCP tools: each reads its arguments, calls one use case, and builds the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from control_plane.api.identity import Principal
from control_plane.mcp import answers, tasks
from control_plane.mcp.arguments import read_arguments
from control_plane.mcp.tools import CALLABLE, FROM_TOKEN, MAX_WAIT_SECONDS, application_tools
from services.api_tokens import TokenScope
from services.catalog import Tool
from services.clock import utc_now
from services.envelope import OPEN_STATUSES
from services.errors import InvalidInput, NotAllowed, StateConflict
from services.explain import Explanation, explain
from services.follow_audit_log import AuditFeed, wait_for_envelope
from services.propose import ProposeResult, propose
from services.propose_without_key import propose_without_key
from services.read_progress import read_progress
from services.show_envelopes import show_envelope

PROGRESS_EVERY = 1.0
"""Seconds from one notification of progress to the next."""
Answer = CallToolResult | dict[str, Any]
"""The result of an MCP call, or a task instead of a result."""
Progress = Callable[[float, str], Awaitable[None]]
"""Tells the client that a call is still waiting: the seconds so far, and the state."""


class OneEnvelope(BaseModel, extra="forbid"):
    envelope_id: UUID


class Cancel(OneEnvelope):
    reason: str | None = Field(default=None, max_length=4000)


class Search(BaseModel, extra="forbid"):
    query: str = Field(default="", max_length=1000)
    limit: int = Field(default=20, ge=1, le=100)


class Nothing(BaseModel, extra="forbid"):
    pass


class Calls:
    """The MCP tools, for one caller of one tenant."""

    def __init__(
        self, caller: Principal, *, feed: AuditFeed, traceparent: str | None, progress: Progress, as_task: bool
    ) -> None:  # fmt: skip
        """With `as_task` a call that has not ended is answered with a task at once, instead of waiting for it."""
        if caller.tenant_id is None:
            raise NotAllowed("token: operators have no tenant; connect as an agent or a user of one")
        self._caller = caller
        self._tenant = caller.tenant_id
        self._backends = caller.backends
        self._feed = feed
        self._traceparent = traceparent
        self._progress = progress
        self._as_task = as_task and TokenScope.READ in caller.scopes

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answer | None:
        """Call one of the tools that every caller has; None if there is no such tool."""
        tools: dict[str, Callable[[Mapping[str, Any]], Awaitable[Answer]]] = {
            "await_outcome": self._await_outcome,
            "cancel": self._cancel,
            "explain": self._explain,
            "list_objectives": self._list_objectives,
            "propose": self._propose,
            "search_catalog": self._search,
        }
        tool = tools.get(name)
        return await self._call_application(name, arguments) if tool is None else await tool(arguments)

    async def _call_application(self, name: str, arguments: Mapping[str, Any]) -> Answer | None:
        found = next((found for found in application_tools() if found.tool.name == name), None)
        if found is None:
            return None
        self._require(found.scope)
        return await found.call(self._backends, self._tenant, arguments)

    async def call_catalog_tool(self, name: str, arguments: Mapping[str, Any]) -> Answer | None:
        """Propose a call of this tool and wait for it; None if agents see no such tool."""
        tool = next((tool for tool in await self.callable_tools() if tool.tool_slug == name), None)
        if tool is None:
            return None
        call = {"tool_slug": name, "tool_version": tool.version, "arguments": dict(arguments)}
        result = await self._enqueue(call)
        return await self._outcome(result.envelope.id, is_new=result.created)

    async def callable_tools(self) -> list[Tool]:
        """The tools whose calls may be proposed, by slug: of each tool the newest version that may be called."""
        self._require(TokenScope.READ)
        newest: dict[str, Tool] = {}
        for tool in await self._backends.catalog.list_tools(self._tenant):
            if tool.status in CALLABLE and tool.unreadable is None:
                newest.setdefault(tool.tool_slug, tool)
        return [newest[slug] for slug in sorted(newest)]

    async def explain(self, envelope_id: UUID) -> Explanation:
        """Explain why an envelope is in its state. Raises NotFound."""
        self._require(TokenScope.READ)
        explanation = await explain(self._backends, self._tenant, envelope_id, now=utc_now())
        return replace(explanation, envelope=await show_envelope(self._backends, explanation.envelope))

    async def cancel_if_possible(self, envelope_id: UUID) -> None:
        """Cancel an envelope, unless it is in flight or has ended. Raises NotFound."""
        with suppress(StateConflict):
            await self._cancel({"envelope_id": envelope_id})

    async def _propose(self, arguments: Mapping[str, Any]) -> Answer:
        result = await self._enqueue(arguments)
        if self._as_task:
            return await self._outcome(result.envelope.id, is_new=result.created)
        return answers.proposal_answer(replace(result, envelope=await show_envelope(self._backends, result.envelope)))

    async def _enqueue(self, arguments: Mapping[str, Any]) -> ProposeResult:
        self._require(TokenScope.PROPOSE)
        fields = {name: value for name, value in arguments.items() if value is not None}
        for name in FROM_TOKEN:
            if name in fields:
                raise InvalidInput(name, "cannot be chosen by an agent; leave it out")
        if "external_id" in fields:
            own = {**fields, "tenant_id": str(self._tenant)}
            return await propose(self._backends, own, actor=self._caller.actor, traceparent=self._traceparent)
        return await propose_without_key(
            self._backends, fields, tenant=self._tenant, proposer=self._caller.proposer, actor=self._caller.actor,
            traceparent=self._traceparent,
        )  # fmt: skip

    async def _await_outcome(self, arguments: Mapping[str, Any]) -> Answer:
        return await self._outcome(read_arguments(OneEnvelope, arguments).envelope_id)

    async def _outcome(self, envelope_id: UUID, *, is_new: bool = True) -> Answer:
        """The result of an envelope that has ended; otherwise a task, or its state after some seconds."""
        explanation = await (self.explain(envelope_id) if self._as_task else self._wait_for_end(envelope_id))
        is_task = self._as_task and explanation.envelope.status in OPEN_STATUSES
        return tasks.task_created(explanation) if is_task else answers.outcome_answer(explanation, is_new=is_new)

    async def _wait_for_end(self, envelope_id: UUID) -> Explanation:
        """The state of the envelope when it has ended, or after MAX_WAIT_SECONDS."""
        self._require(TokenScope.READ)
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            left = MAX_WAIT_SECONDS - (clock() - began)
            within = timedelta(seconds=min(PROGRESS_EVERY, left))
            envelope = await wait_for_envelope(self._backends, self._feed, self._tenant, envelope_id, within=within)
            if envelope.status not in OPEN_STATUSES or left <= PROGRESS_EVERY or self._feed.is_closed:
                return await self.explain(envelope_id)
            await self._progress(clock() - began, envelope.status)

    async def _explain(self, arguments: Mapping[str, Any]) -> CallToolResult:
        return answers.explanation_answer(await self.explain(read_arguments(OneEnvelope, arguments).envelope_id))

    async def _cancel(self, arguments: Mapping[str, Any]) -> CallToolResult:
        self._require(TokenScope.CANCEL)
        request = read_arguments(Cancel, arguments)
        cancelled = await self._backends.outbox.cancel(
            self._tenant, request.envelope_id, actor=self._caller.actor, reason=request.reason
        )
        return answers.cancelled_answer(await show_envelope(self._backends, cancelled))

    async def _list_objectives(self, arguments: Mapping[str, Any]) -> CallToolResult:
        self._require(TokenScope.READ)
        read_arguments(Nothing, arguments)
        return answers.objectives_answer(await read_progress(self._backends, self._tenant))

    async def _search(self, arguments: Mapping[str, Any]) -> CallToolResult:
        """The tools that match the words. The tool that contains the most words comes first."""
        search = read_arguments(Search, arguments)
        words = search.query.lower().split()
        tools = await self.callable_tools()
        if words:
            hits = [(sum(word in _search_text(tool) for word in words), tool) for tool in tools]
            tools = [tool for count, tool in sorted(hits, key=lambda hit: (-hit[0], hit[1].tool_slug)) if count]
        return answers.search_answer(tools[: search.limit], len(tools))

    def _require(self, scope: TokenScope) -> None:
        if scope not in self._caller.scopes:
            raise NotAllowed(f"token: lacks the scope {scope}")


def _search_text(tool: Tool) -> str:
    return f"{tool.tool_slug} {tool.display_name} {tool.description}".lower()
