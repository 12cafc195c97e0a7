"""`python -m control_plane catalog accept|reject`: a person's word about tools that are new or changed."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import show_lines
from control_plane.cli.catalog_sync import AnyProvider, By, OneTenant, tenants_asked, told_of
from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.catalog import CANDIDATE, Tool
from services.errors import InvalidInput, NotFound
from services.process.terminal import run_async

Slug = Annotated[str | None, typer.Argument(metavar="TOOL_SLUG", help="As `catalog drift` shows it.")]
Source = Annotated[str | None, typer.Option("--source", help="With --all: whose tools.")]
Every = Annotated[
    bool, typer.Option("--all", help="Every tool that is new to a source, in every tenant; shows them and asks first.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With --all: show them and do not ask.")]
Hash = Annotated[
    str | None,
    typer.Option("--hash", help="Of the change you saw, or its beginning; else the change as it stands now is meant."),
]
Reason = Annotated[str | None, typer.Option(help="Goes into the audit log.")]
FEWEST_DIGITS = 8


def accept(
    tool_slug: Slug = None, *, tenant: OneTenant = None, source: Source = None, every: Every = False, yes: Yes = False,
    provider: AnyProvider = None, reason: Reason = None, seen: Hash = None, by: By = "operator",
) -> None:  # fmt: skip
    """Let a new or changed tool be called as it is now. What waited for this is judged anew."""
    if every:
        _decide_all("accepted", source, provider, tenant, yes=yes, reason=reason, by=by)
    else:
        _decide(tool_slug, tenant, "accepted", reason=reason, seen=seen, by=by)


def reject(
    tool_slug: Slug = None, *, tenant: OneTenant = None, source: Source = None, every: Every = False, yes: Yes = False,
    provider: AnyProvider = None, reason: Reason = None, seen: Hash = None, by: By = "operator",
) -> None:  # fmt: skip
    """Keep a new or changed tool from being called, and reject what waited. `accept` takes it back."""
    if every:
        _decide_all("rejected", source, provider, tenant, yes=yes, reason=reason, by=by)
    else:
        _decide(tool_slug, tenant, "rejected", reason=reason, seen=seen, by=by)


def _decide(
    tool_slug: str | None, tenant: UUID | None, decision: str, *, reason: str | None, seen: str | None, by: str
) -> None:
    if tool_slug is None or tenant is None:
        raise InvalidInput("tool_slug", "name a tool and its --tenant, or give --source and --all")
    if seen is not None and len(seen) < FEWEST_DIGITS:
        raise InvalidInput("hash", f"give at least its first {FEWEST_DIGITS} digits")

    async def work() -> str:
        async with open_backends(read_settings().chosen_database()) as services:
            found = [
                tool for tool in await services.catalog.list_tools(tenant)
                if tool.tool_slug == tool_slug and tool.status in CANDIDATE
            ]  # fmt: skip
            if not found:
                problem = f"{tool_slug!r} of this tenant waits for no decision"
                raise NotFound("decision", tool_slug, problem, field="tool_slug")
            now = found[0].schema_hash
            meant = now if seen is None or now.startswith(seen) else seen
            decided = await services.catalog.decide(
                tenant, tool_slug, decision=decision, schema_hash=meant, by=by, reason=reason
            )
            return f"{decision} {tool_slug} version {decided.version}; {decided.envelopes} envelopes had waited"

    print(run_async(work()))


def _decide_all(
    decision: str, source: str | None, provider: str | None, tenant: UUID | None, *, yes: bool, reason: str | None,
    by: str,
) -> None:  # fmt: skip
    if source is None:
        raise InvalidInput("source", "say with --source whose new tools are meant")

    async def work() -> str:
        async with open_backends(read_settings().chosen_database()) as services:
            new = await _new_tools(services, source, provider, tenant)
            if not new:
                raise NotFound("new tool", source, f"no new tool of {source!r} waits", field="source")
            show_lines([
                (t.tenant_id, t.tool_slug, f"version {t.version}", t.schema_hash[:12], f"{t.risk} risk", told_of(t))
                for t in new
            ], empty="")  # fmt: skip
            if not yes:
                typer.confirm(f"{len(new)} tools are to be {decision}: go on?", abort=True, err=True)
            envelopes = 0
            for tool in new:  # each as it was shown
                decided = await services.catalog.decide(
                    tool.tenant_id,
                    tool.tool_slug,
                    decision=decision,
                    schema_hash=tool.schema_hash,
                    by=by,
                    reason=reason,
                )
                envelopes += decided.envelopes
            return f"{decision} {len(new)} new tools of {source}; {envelopes} envelopes had waited"

    print(run_async(work()))


async def _new_tools(services: Backends, source: str, provider: str | None, tenant: UUID | None) -> list[Tool]:
    from services.sync_catalog import undecided  # noqa: PLC0415  # other commands need no schemas

    return [
        tool
        for owner in await tenants_asked(services, tenant)
        for tool in undecided(await services.catalog.list_tools(owner))
        if tool.is_new and tool.source == source and provider in {None, tool.provider}
    ]
