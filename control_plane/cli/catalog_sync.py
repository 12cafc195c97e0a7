"""`python -m control_plane catalog sync|drift|health`: read the sources of tools."""

import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.options import AnyTenant, AsJson, By, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.remedies import with_remedy
from control_plane.settings import Settings, read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.catalog import SyncChange, Tool
from services.errors import ControlPlaneError, InvalidInput, NotFound, NotReady, StateConflict
from services.process.terminal import run_async
from services.tools.registry import PROVIDERS
from services.untrusted import one_line

if TYPE_CHECKING:
    from services.sync_catalog import SyncFailure
    from services.tools.dispatch import Tools

Synced = tuple[list[dict[str, Any]], list[ControlPlaneError]]
SOURCES = {name: spec.source_help for name, spec in PROVIDERS.items() if spec.source_help is not None}
HELP = f"Provider of the source: {', '.join(SOURCES)}."
Provider = Annotated[str, typer.Option("--provider", help=HELP)]
AnyProvider = Annotated[str | None, typer.Option("--provider", help=HELP)]
Source = Annotated[
    str | None,
    typer.Option("--source", help="; ".join(f"{name}: {source}" for name, source in SOURCES.items()) + "."),
]
Command = Annotated[
    list[str] | None,
    typer.Argument(metavar="[-- COMMAND]", help="Command that starts an MCP server which is not in the settings."),
]
Empty = Annotated[bool, typer.Option("--empty", help="Allow a source to list no tools: its tools become removed.")]
Trust = Annotated[bool, typer.Option("--trust", help="Accept new tools, as for a source in ACP_TRUSTED_SOURCES.")]
PROGRESS_EVERY = 20
"""Number of tenants after which a long sync prints its progress."""


def sync(
    *,
    empty: Empty = False,
    trust: Trust = False,
    provider: Provider, command: Command = None, source: Source = None, tenant: AnyTenant = None, by: By = "operator",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sync a source: write the tools that it offers now into the catalog. New and changed tools are quarantined."""
    name, settings = _source(source, command)

    async def work() -> Synced:
        from services.sync_catalog import select_tenants  # noqa: PLC0415  # other commands need no schemas

        async with _opened(settings) as (services, tools):
            sources = {(provider, name): await select_tenants(services, tenant)}
            return await _sync(
                services, tools, settings, sources, by, may_be_empty=empty, trusted=(name,) if trust else ()
            )

    told, away = run_async(work())
    if not told:
        _tell(away)
    if as_json:
        show_json(told)
        _tell(away)
        return
    show_lines(_lines(told), empty=f"{name} offers no tools")
    for each in told:
        for refused in each["refused"]:
            sys.stderr.write(f"left out {refused['name']}: {refused['why']}\n")
    if any(change["change"] == SyncChange.NEW for each in told for change in each["changes"]):
        sys.stderr.write(f"new tools wait for a person: python -m control_plane catalog accept --source {name} --all\n")
    if command:
        sys.stderr.write(f"to call these tools, name the server {name!r} in ACP_MCP_SERVERS\n")
    _tell(away)


def drift(
    *,
    command: Command = None, provider: AnyProvider = None, source: Source = None, tenant: AnyTenant = None,
    by: By = "operator", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sync the sources of the catalog, or only the given one, and list the tools that wait for a decision.

    Exits with 1 if there are any.
    """
    name, settings = _source(source, command) if command or source else (None, read_settings())

    async def work() -> tuple[list[Tool], list[ControlPlaneError]]:
        from services.sync_catalog import select_tenants, sources_in_catalogs, undecided_tools  # noqa: PLC0415  # as in sync

        async with _opened(settings) as (services, tools):
            owners = await select_tenants(services, tenant)
            known, troubles = await sources_in_catalogs(services, owners)
            asked = {
                each: known[each] for each in sorted(known)
                if provider in {None, each[0]} and name in {None, each[1]}
            }  # fmt: skip
            if not asked and name is not None:
                raise NotFound("source", name, f"the catalog has no tools of {name!r}")
            _, away = await _sync(services, tools, settings, asked, by)
            readable = [owner for owner in owners if owner not in {each.tenant_id for each in troubles}]
            changed = [tool for owner in readable for tool in undecided_tools(await services.catalog.list_tools(owner))]
            return changed, [*(_error_of(each) for each in troubles), *away]

    changed, away = run_async(work())
    if as_json:
        show_json(changed)
    else:
        show_lines(
            [
                (
                    tool.tenant_id,
                    tool.tool_slug,
                    f"version {tool.version}",
                    tool.schema_hash[:12],
                    f"{tool.risk} risk",
                    (*tool.drift, *told_of(tool)),
                )
                for tool in changed
            ],
            empty=f"every tool {'of the sources that answered ' if away else ''}is as it was accepted",
        )
    _tell(away)
    if changed:
        raise typer.Exit(1)


def told_of(tool: Tool) -> tuple[str, ...]:
    """What a new tool says of itself, on a line; of a changed one, the change says it."""
    return (f"description: {one_line(tool.description)}",) if tool.is_new and tool.description else ()


def health(*, tenant: AnyTenant = None, as_json: AsJson = False) -> None:
    """Check that every source of the catalog can be reached. Exits with 1 if one cannot."""
    settings = read_settings()

    async def work() -> list[dict[str, Any]]:
        from services.sync_catalog import select_tenants, sources_in_catalogs  # noqa: PLC0415  # as in sync

        async with _opened(settings) as (services, tools):
            known, troubles = await sources_in_catalogs(services, await select_tenants(services, tenant))
            _tell([_error_of(each) for each in troubles])
            return [
                {"provider": provider, "source": source, "problem": await tools.health(provider, source)}
                for provider, source in sorted(known)
            ]

    told = run_async(work())
    if as_json:
        show_json(told)
    else:
        rows = [
            (each["provider"], each["source"], "not well" if each["problem"] else "well", (each["problem"],))
            for each in told
        ]
        show_lines(rows, empty="the catalog knows no sources")
    if any(each["problem"] for each in told):
        raise typer.Exit(1)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Backends, "Tools"]]:
    async with open_backends(settings.chosen_database()) as services, settings.tools() as tools:
        yield services, tools


async def _sync(
    services: Backends,
    tools: "Tools",
    settings: Settings,
    sources: Mapping[tuple[str, str], Sequence[UUID]],
    by: str,
    *,
    may_be_empty: bool = False,
    trusted: Sequence[str] = (),
) -> Synced:
    """What the sync of each source did, and what kept the others."""
    from services.sync_catalog import SyncFailure, sync_sources  # noqa: PLC0415  # as in sync

    told: list[dict[str, Any]] = []
    away: list[ControlPlaneError] = []
    counted: Counter[str] = Counter()
    tenants = {owner for owners in sources.values() for owner in owners}
    async for done in sync_sources(
        services, tools, sources, rules=settings.catalog_rules, may_be_empty=may_be_empty, actor=operator(by),
        trusted_sources={*settings.trusted_sources, *trusted},
    ):  # fmt: skip
        if isinstance(done, SyncFailure):
            away.append(_error_of(done, of_many=len(tenants) > 1))
            continue
        source, report = done
        told.append(asdict(report) | {"tools": await services.catalog.list_tools(report.tenant_id)})
        counted[source] += 1
        if counted[source] % PROGRESS_EVERY == 0:
            sys.stderr.write(f"{source}: {counted[source]} tenants\n")
    return told, away


def _error_of(trouble: "SyncFailure", *, of_many: bool = True) -> ControlPlaneError:
    """With its tenant, where it is one of many; raises what is a bug."""
    if not isinstance(trouble.error, ControlPlaneError):
        raise trouble.error
    if trouble.tenant_id is None or not of_many:
        return trouble.error
    return StateConflict(f"tenant {trouble.tenant_id}", with_remedy(trouble.error))


def _tell(away: list[ControlPlaneError]) -> None:
    if away:
        raise away[0] if len(away) == 1 else NotReady("; ".join(with_remedy(each) for each in away))


def _source(source: str | None, command: list[str] | None) -> tuple[str, Settings]:
    """The source's name, and the settings that know it."""
    settings = read_settings()
    if not command:
        if source is None:
            raise InvalidInput("source", "name one of ACP_MCP_SERVERS, or give a command after --")
        return source, settings
    name = source or _name_of(command)
    update = next(spec.settings_for_command for spec in PROVIDERS.values() if spec.settings_for_command)
    return name, settings.model_copy(update=update(settings, name, command))


def _name_of(command: list[str]) -> str:
    """`npx -y @modelcontextprotocol/server-everything` is everything."""
    words = [word for word in command if not word.startswith("-")]
    return PurePosixPath(words[-1]).stem.removeprefix("server-").removeprefix("mcp-server-") or "server"


def _lines(told: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Tenants with the same answer share their lines."""
    shown: dict[tuple[tuple[object, ...], ...], int] = {}
    for each in told:
        hashes = {(t.tool_slug, t.version): (t.schema_hash[:12], t.risk) for t in each["tools"]}
        lines = tuple(
            (
                change["tool_slug"], f"version {change['version']}", change["change"],
                *hashes[change["tool_slug"], change["version"]], change["drift"],
            )
            for change in each["changes"]
        )  # fmt: skip
        shown[lines] = shown.get(lines, 0) + 1
    return [
        (*line[:-1], f"{tenants} tenants" if tenants > 1 else "1 tenant", line[-1])
        for lines, tenants in shown.items()
        for line in lines
    ]
