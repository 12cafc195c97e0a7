"""`python -m control_plane catalog accept|reject`: decide about new and changed tools."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.catalog_sync import AnyProvider, notes_on_new_tool
from control_plane.cli.options import AnyTenant, By, Reason, backends, operator
from control_plane.cli.output import show_lines
from services.catalog import DecidedTool, ToolDecision
from services.errors import InvalidInput
from services.process.terminal import run_async

Slug = Annotated[str | None, typer.Argument(metavar="TOOL_SLUG", help="Slug of the tool, as `catalog drift` shows it.")]
SourceName = Annotated[str | None, typer.Option("--source", help="With --all: the source of the tools.")]
Every = Annotated[
    bool, typer.Option("--all", help="All new tools of a source, in all tenants. Lists them and asks for confirmation.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With --all: do not ask for confirmation.")]
Hash = Annotated[
    str | None,
    typer.Option("--hash", help="Decide only if the hash of the tool is still this one, or still begins with it."),
]


def accept(
    tool_slug: Slug = None, *, tenant: AnyTenant = None, source: SourceName = None, every: Every = False,
    yes: Yes = False, provider: AnyProvider = None, reason: Reason = None, hash_prefix: Hash = None,
    by: By = "operator",
) -> None:  # fmt: skip
    """Accept a new or changed tool as it is now. Envelopes that waited for this are judged again."""
    if every:
        _decide_all(ToolDecision.ACCEPTED, source, provider, tenant, yes=yes, reason=reason, by=by)
    else:
        _decide(tool_slug, tenant, ToolDecision.ACCEPTED, reason=reason, hash_prefix=hash_prefix, by=by)


def reject(
    tool_slug: Slug = None, *, tenant: AnyTenant = None, source: SourceName = None, every: Every = False,
    yes: Yes = False, provider: AnyProvider = None, reason: Reason = None, hash_prefix: Hash = None,
    by: By = "operator",
) -> None:  # fmt: skip
    """Reject a new or changed tool, so that it is not called. With a --reason, also an accepted tool."""
    if every:
        _decide_all(ToolDecision.REJECTED, source, provider, tenant, yes=yes, reason=reason, by=by)
    else:
        _decide(tool_slug, tenant, ToolDecision.REJECTED, reason=reason, hash_prefix=hash_prefix, by=by)


def _decide(
    tool_slug: str | None,
    tenant: UUID | None,
    decision: ToolDecision,
    *,
    reason: str | None,
    hash_prefix: str | None,
    by: str,
) -> None:
    if tool_slug is None or tenant is None:
        raise InvalidInput("tool_slug", "give a tool and its --tenant, or --source and --all")

    async def decide_one_tool() -> DecidedTool:
        from services.decide_tool import decide_tool  # noqa: PLC0415  # loads a JSON Schema library

        async with backends() as services:
            return await decide_tool(
                services,
                tenant,
                tool_slug,
                decision=decision,
                hash_prefix=hash_prefix,
                reason=reason,
                actor=operator(by),
            )

    decided = run_async(decide_one_tool())
    print(f"{decision} {tool_slug} version {decided.version}; {decided.envelopes} waiting envelopes")


def _decide_all(
    decision: ToolDecision, source: str | None, provider: str | None, tenant: UUID | None, *, yes: bool,
    reason: str | None, by: str,
) -> None:  # fmt: skip
    if source is None:
        raise InvalidInput("source", "is required with --all")

    async def decide_new_tools() -> str:
        from services.decide_tool import decide_tools, list_new_tools  # noqa: PLC0415  # loads a JSON Schema library

        async with backends() as services:
            new = await list_new_tools(services, source, provider=provider, tenant=tenant)
            rows = [
                (
                    tool.tenant_id,
                    tool.tool_slug,
                    f"version {tool.version}",
                    tool.schema_hash[:12],
                    f"{tool.risk} risk",
                    notes_on_new_tool(tool),
                )
                for tool in new
            ]
            show_lines(rows, empty="")
            if not yes:
                typer.confirm(f"{len(new)} tools will be {decision}. Continue?", abort=True, err=True)
            envelopes = await decide_tools(services, new, decision=decision, reason=reason, actor=operator(by))
            return f"{decision} {len(new)} new tools of {source}; {envelopes} waiting envelopes"

    print(run_async(decide_new_tools()))
