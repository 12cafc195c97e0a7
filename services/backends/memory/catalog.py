"""The catalog in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit, audit_change
from services.backends.memory.check_texts import check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.rows.catalog import tool_from_row
from services.catalog import ACCEPTED, CANDIDATE, Decided, Listed, Synced, Tool, ToolKey, ToolStatus
from services.envelope import Actor, Envelope, Risk, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.jsonb import stored

REFRESHED = ("display_name", "config", "risk", "required_scopes", "idempotent", "rate_bucket", "scan")
"""What a sync brings up to date in a tool whose definition is the same."""
SYNCED = ("source", "annotations", "schema_hash", "status", "drift")
"""What `save` leaves alone."""
RELIED_ON = frozenset({ToolStatus.ACTIVE, ToolStatus.REMOVED})
"""What a person may reject though it was accepted."""
BY_HAND = Tool(tenant_id=UUID(int=0), tool_slug="", version="", provider="")


@check_texts
class MemoryCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        return self._of(tenant)

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        return {key: found for key in keys if (found := await self._find(key)) is not None}

    async def save(self, tools: Sequence[Tool], *, actor: Actor) -> None:
        with self._state.change() as now:
            latest: dict[tuple[UUID, str, str], Tool] = {}
            for tool in tools:  # of the same entry twice the last counts, in the last one's place
                key = (tool.tenant_id, tool.tool_slug, tool.version)
                latest.pop(key, None)
                latest[key] = tool
            for key, tool in sorted(latest.items(), key=lambda item: item[0][:2]):
                _check(tool)
                self._state.require_tenant(tool.tenant_id)
                before = self._state.tools.get(key)
                synced = {name: getattr(before[1] if before else BY_HAND, name) for name in SYNCED}
                self._write(replace(tool, **synced), by=actor, now=now)

    async def sync(
        self, tenant: UUID, *, provider: str, source: str, tools: Sequence[Listed], actor: Actor
    ) -> list[Synced]:
        with self._state.change() as now:
            self._state.require_tenant(tenant)
            told, came_back = [], False
            for listed in sorted(tools, key=lambda each: each.tool.tool_slug):
                given = replace(listed.tool, provider=provider, source=source)
                before = self._newest(tenant, given.tool_slug, ACCEPTED)
                came_back = came_back or (before is not None and before.status is ToolStatus.REMOVED)
                told.append(self._sync_one(replace(listed, tool=given), actor, now))
            if came_back:
                release_held(self._state, tenant, {"tool"}, now)
            names = {listed.tool.tool_slug for listed in tools}
            mine = [tool for tool in self._of(tenant) if (tool.provider, tool.source) == (provider, source)]
            for slug in sorted({tool.tool_slug for tool in mine} - names):
                told += self._remove([tool for tool in mine if tool.tool_slug == slug], actor, now)
            return told

    async def decide(
        self, tenant: UUID, tool_slug: str, *, decision: str, schema_hash: str, actor: Actor, reason: str | None = None
    ) -> Decided:
        if decision not in {"accepted", "rejected"}:
            raise InvalidInput("decision", f"{decision!r} is neither accepted nor rejected")
        is_yes = decision == "accepted"
        with self._state.change() as now:
            candidate = self._newest(tenant, tool_slug, CANDIDATE)
            was_accepted = candidate is None and not is_yes
            if was_accepted:
                candidate = self._newest(tenant, tool_slug, RELIED_ON)
            if candidate is None:
                raise NotFound(
                    "tool", tool_slug, f"{tool_slug!r} of this tenant waits for no decision", field="tool_slug"
                )
            if candidate.schema_hash != schema_hash:
                raise StateConflict(
                    "schema_hash", "the tool has changed since you looked; list the changed tools again"
                )
            if candidate.status is ToolStatus.REJECTED and not is_yes:
                raise StateConflict("tool_slug", f"{tool_slug} was already rejected")
            if was_accepted and not reason:
                raise InvalidInput("reason", "is needed to reject a tool that was accepted")
            for before in [t for t in self._of(tenant) if t.tool_slug == tool_slug]:
                if before.status in {ToolStatus.DRIFTED, ToolStatus.BLOCKED}:
                    became = ToolStatus.RETIRED if is_yes else ToolStatus.BLOCKED
                    self._write(replace(before, status=became), by=actor, now=now)
            became = ToolStatus.ACTIVE if is_yes else ToolStatus.REJECTED
            drift = () if was_accepted else candidate.drift
            self._write(replace(candidate, status=became, drift=drift), by=actor, now=now)
            for older in self._versions(tenant, tool_slug, RELIED_ON) if was_accepted else ():
                self._write(replace(older, status=ToolStatus.RETIRED), by=actor, now=now)
            told = {"tool_slug": tool_slug, "version": candidate.version, "schema_hash": schema_hash}
            self._tell(tenant, actor, decision, told if reason is None else {**told, "reason": reason}, now)
            released = self._release(
                tenant, tool_slug, candidate.version if is_yes or was_accepted else None, approved=is_yes, actor=actor,
                reason=f"the tool was {decision}", now=now,
            )  # fmt: skip
            if was_accepted:
                release_held(self._state, tenant, {"tool"}, now)
            return Decided(version=candidate.version, envelopes=released)

    def _sync_one(self, listed: Listed, actor: Actor, now: datetime) -> Synced:
        given, slug, tenant = listed.tool, listed.tool.tool_slug, listed.tool.tenant_id
        accepted, candidate = self._newest(tenant, slug, ACCEPTED), self._newest(tenant, slug, CANDIDATE)
        holder = accepted or candidate
        if holder is not None and (holder.provider != given.provider or holder.source not in {"", given.source}):
            whose = f"{holder.provider} {holder.source}".rstrip()
            raise StateConflict("tool_slug", f"{slug} belongs to {whose}; sync under another name")
        if (accepted.schema_hash if accepted else "") != listed.since:
            raise StateConflict("source", f"the catalog changed while {given.source} was read; sync again")
        if accepted is not None and not accepted.source:  # a person added it: from now on it is the source's
            accepted = self._adopted(accepted, given, actor, now)
        accepted, candidate = (self._rehashed(each, listed, actor, now) for each in (accepted, candidate))
        current, change = _standing_of(listed, accepted, candidate)
        standing = self._versions(tenant, slug, ACCEPTED)
        if current is not None:
            is_candidate = current is candidate and change == "unchanged"
            status, drift = (current.status, current.drift) if is_candidate else (ToolStatus.ACTIVE, ())
            fresh = replace(current, status=status, drift=drift, **{name: getattr(given, name) for name in REFRESHED})
        else:
            is_trusted = change == "added"
            fresh = replace(
                given,
                version=self._free_version(given),
                status=ToolStatus.ACTIVE if is_trusted else ToolStatus.QUARANTINED,
                drift=() if is_trusted else given.drift,
            )
        self._write(fresh, by=actor, now=now)
        if candidate is not None and candidate is not current:
            self._write(replace(candidate, status=ToolStatus.RETIRED), by=actor, now=now)
            self._pin_again(tenant, slug, fresh.version, now)
        if change == "drifted":
            for version in standing:
                self._write(replace(version, status=ToolStatus.DRIFTED, drift=given.drift), by=actor, now=now)
        elif current is not None and current is accepted:
            for version in self._versions(tenant, slug, ACCEPTED - {ToolStatus.ACTIVE}):
                self._write(replace(version, status=ToolStatus.ACTIVE, drift=()), by=actor, now=now)
        if change in {"drifted", "reverted"} and accepted is not None:
            self._tell_drift(accepted, fresh, change, actor, now)
        if change in {"added", "reverted", "returned"}:
            why = (
                "the source of the tool is trusted"
                if change == "added"
                else "the tool has its accepted definition again"
            )
            self._release(tenant, slug, fresh.version, approved=True, actor=actor, reason=why, now=now)
        return Synced(tool_slug=slug, version=fresh.version, change=change, drift=fresh.drift)

    def _remove(self, versions: Sequence[Tool], actor: Actor, now: datetime) -> list[Synced]:
        """Of one tool that is listed no more, the newest first; one that is new goes on waiting."""
        accepted = [tool for tool in versions if tool.status in ACCEPTED - {ToolStatus.REMOVED}]
        if not accepted:
            return []
        for tool in versions:
            if tool.status in CANDIDATE:
                self._write(replace(tool, status=ToolStatus.RETIRED), by=actor, now=now)
        for tool in accepted:
            self._write(replace(tool, status=ToolStatus.REMOVED), by=actor, now=now)
        if any(tool.status in CANDIDATE for tool in versions):
            self._pin_again(accepted[0].tenant_id, accepted[0].tool_slug, accepted[0].version, now)
        return [Synced(tool_slug=tool.tool_slug, version=tool.version, change="removed") for tool in reversed(accepted)]

    def _rehashed(self, tool: Tool | None, listed: Listed, actor: Actor, now: datetime) -> Tool | None:
        if tool is None or tool.schema_hash != listed.former:
            return tool
        rehashed = replace(tool, schema_hash=listed.tool.schema_hash)
        self._write(rehashed, by=actor, now=now)
        return rehashed

    def _adopted(self, by_hand: Tool, given: Tool, actor: Actor, now: datetime) -> Tool:
        for version in self._versions(by_hand.tenant_id, by_hand.tool_slug, set(ToolStatus)):
            if not version.source:
                self._write(replace(version, source=given.source), by=actor, now=now)
        adopted = replace(by_hand, source=given.source)
        if by_hand.schema == given.schema:
            adopted = replace(
                adopted, schema_hash=given.schema_hash, annotations=given.annotations, description=given.description
            )
            self._write(adopted, by=actor, now=now)
        return adopted

    def _tell_drift(self, accepted: Tool, became: Tool, change: str, actor: Actor, now: datetime) -> None:
        told = {
            "tool_slug": became.tool_slug, "accepted_version": accepted.version, "version": became.version,
            "schema_hash": became.schema_hash, "drift": list(became.drift),
        }  # fmt: skip
        self._tell(became.tenant_id, actor, change, told, now)

    def _tell(self, tenant: UUID, actor: Actor, what: str, payload: Mapping[str, Any], now: datetime) -> None:
        entry = AuditEntry(tenant_id=tenant, actor=actor, category=f"tool_catalog.{what}", payload=payload)
        append_audit(self._state, [entry], now)

    def _release(
        self, tenant: UUID, slug: str, version: str | None, *, approved: bool, actor: Actor, reason: str, now: datetime
    ) -> int:
        mine = [e for e in self._state.outbox.values() if (e.tenant_id, e.tool_slug) == (tenant, slug)]
        if version is not None:
            self._pin_again(tenant, slug, version, now)
        waiting = sorted(envelope.id for envelope in mine if _waits_for_its_tool(envelope))
        decision = "approved" if approved else "rejected"
        for id_ in waiting:
            for asked in list(self._state.approvals.values()):
                if (asked.tenant_id, asked.envelope_id) == (tenant, id_) and asked.decision is None:
                    self._state.approvals[asked.id] = replace(asked, decision=decision, decided_by=actor.id)
            became = Status.PENDING if approved else Status.REJECTED
            change_envelope(
                self._state,
                self._state.outbox[tenant, id_],
                became,
                event=decision,
                actor=actor,
                reason=reason,
                now=now,
            )
        return len(waiting)

    def _pin_again(self, tenant: UUID, slug: str, version: str, now: datetime) -> None:
        retired = {tool.version for tool in self._versions(tenant, slug, {ToolStatus.RETIRED})}
        for envelope in list(self._state.outbox.values()):
            if (
                (envelope.tenant_id, envelope.tool_slug) == (tenant, slug)
                and envelope.status in {Status.PENDING, Status.AWAITING_APPROVAL}
                and envelope.tool_version in retired
            ):
                self._state.outbox[envelope.key] = replace(envelope, tool_version=version, updated_at=now)

    def _of(self, tenant: UUID) -> list[Tool]:
        numbered = [row for row in self._state.tools.values() if row[1].tenant_id == tenant]
        return [tool for _, tool in sorted(numbered, key=lambda row: (row[1].tool_slug, -row[0]))]

    def _versions(self, tenant: UUID, slug: str, statuses: Collection[ToolStatus]) -> list[Tool]:
        return [tool for tool in self._of(tenant) if tool.tool_slug == slug and tool.status in statuses]

    def _newest(self, tenant: UUID, slug: str, statuses: frozenset[ToolStatus]) -> Tool | None:
        return next(iter(self._versions(tenant, slug, statuses)), None)

    def _free_version(self, given: Tool) -> str:
        names = (f"{n}" if not given.version else given.version if n == 1 else f"{given.version}+{n}" for n in count(1))
        return next(name for name in names if (given.tenant_id, given.tool_slug, name) not in self._state.tools)

    def _write(self, tool: Tool, *, by: Actor, now: datetime) -> None:
        key = (tool.tenant_id, tool.tool_slug, tool.version)
        before = self._state.tools.get(key)
        number = before[0] if before else len(self._state.tools) + 1
        kept = tool_from_row(stored(asdict(tool)))
        self._state.tools[key] = (number, kept)
        audit_change(
            self._state, "tool_catalog", tenant=tool.tenant_id, by=by, now=now,
            before=_row(*before) if before else None, after=_row(number, kept),
        )  # fmt: skip

    async def _find(self, key: ToolKey) -> Tool | None:
        newest_first = await self.list_tools(key.tenant_id)
        named = [tool for tool in newest_first if tool.tool_slug == key.tool_slug]
        if key.version is None:
            found = next((tool for tool in named if tool.status is not ToolStatus.RETIRED), None)
        else:
            found = next((tool for tool in named if tool.version == key.version), None)
        if found is None or found.status not in {ToolStatus.DRIFTED, ToolStatus.QUARANTINED}:
            return found
        became = next((tool for tool in named if tool.status is ToolStatus.QUARANTINED), None)
        return replace(found, drifted_to=became.schema_hash if became else None)


def _standing_of(listed: Listed, accepted: Tool | None, candidate: Tool | None) -> tuple[Tool | None, str]:
    """Which of the two is listed, None for neither, and what that means."""
    if accepted is not None and accepted.schema_hash == listed.tool.schema_hash:
        change = {ToolStatus.ACTIVE: "unchanged", ToolStatus.REMOVED: "returned"}.get(accepted.status, "reverted")
        return accepted, change
    rejected = candidate is not None and candidate.status is ToolStatus.REJECTED
    trusted = accepted is None and listed.trusted and not rejected
    if candidate is not None and candidate.schema_hash == listed.tool.schema_hash:
        return candidate, "added" if trusted else "unchanged"
    if accepted is not None:
        return None, "drifted"
    return None, "added" if trusted else "new"


def _check(tool: Tool) -> None:
    allowed = {"risk": tool.risk in set(Risk), "tool_slug": tool.tool_slug != "", "version": tool.version != ""}
    for field, is_allowed in allowed.items():
        if not is_allowed:
            raise InvalidInput(field, "is too long, empty, or not one of the allowed values")


def _row(number: int, tool: Tool) -> dict[str, Any]:
    row = {"id": number, **asdict(replace(tool, risk=Risk(tool.risk)))}
    del row["drifted_to"], row["unreadable"]  # told by find and by reading, kept nowhere
    return row


def _waits_for_its_tool(envelope: Envelope) -> bool:
    return envelope.status is Status.AWAITING_APPROVAL and any(
        (v["guardrail"], v["decision"]) == ("tool", "needs_approval") for v in envelope.verdicts
    )
