"""`python -m control_plane catalog sync|drift|health`: read the sources of tools."""

import sys
from collections import Counter
from collections.abc import AsyncIterator
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
    from services.sync_sources import SyncResult
    from services.tools.dispatch import Tools

SOURCES = {name: spec.source_help for name, spec in PROVIDERS.items() if spec.source_help is not None}
HELP = f"Provider of the source: {', '.join(SOURCES)}."
Provider = Annotated[str, typer.Option("--provider", help=HELP)]
AnyProvider = Annotated[str | None, typer.Option("--provider", help=HELP)]
SourceName = Annotated[
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
    provider: Provider, command: Command = None, source: SourceName = None, tenant: AnyTenant = None,
    by: By = "operator", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sync a source: write the tools that it offers now into the catalog. New and changed tools are quarantined."""
    name, settings = _find_source(source, command)

    async def sync_source() -> tuple[list[dict[str, Any]], list[ControlPlaneError]]:
        from services.sync_catalog import Source, select_tenants  # noqa: PLC0415  # loads a JSON Schema library
        from services.sync_sources import SyncFailure, sync_sources  # noqa: PLC0415

        async with _open_services(settings) as (services, tools):
            tenants = await select_tenants(services, tenant)
            results = sync_sources(
                services, tools, {Source(provider, name): tenants}, rules=settings.catalog_rules, may_be_empty=empty,
                trusted_sources={*settings.trusted_sources, *([name] if trust else [])}, actor=operator(by),
            )  # fmt: skip
            reports, errors = [], []
            async for result in _with_progress(results):
                if isinstance(result, SyncFailure):
                    errors.append(_error_of(result.error, result.tenant_id if len(tenants) > 1 else None))
                else:
                    _, report = result
                    reports.append(asdict(report) | {"tools": await services.catalog.list_tools(report.tenant_id)})
            return reports, errors

    reports, errors = run_async(sync_source())
    if not reports:
        _raise_all(errors)
    if as_json:
        show_json(reports)
        _raise_all(errors)
        return
    show_lines(_lines(reports), empty=f"{name} offers no tools")
    for report in reports:
        for refused in report["refused"]:
            sys.stderr.write(f"skipped {refused['name']}: {refused['why']}\n")
    if any(change["change"] == SyncChange.NEW for report in reports for change in report["changes"]):
        sys.stderr.write(f"accept the new tools with: python -m control_plane catalog accept --source {name} --all\n")
    if command:
        sys.stderr.write(f"to call these tools, add the server {name!r} to ACP_MCP_SERVERS\n")
    _raise_all(errors)


def drift(
    *,
    command: Command = None, provider: AnyProvider = None, source: SourceName = None, tenant: AnyTenant = None,
    by: By = "operator", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sync the sources of the catalog, or only the given one, and list the tools that wait for a decision.

    Exits with 1 if there are any.
    """
    name, settings = _find_source(source, command) if command or source else (None, read_settings())

    async def sync_and_list_drift() -> tuple[list[Tool], list[ControlPlaneError]]:
        from services.sync_catalog import select_tenants, undecided_tools  # noqa: PLC0415  # loads a JSON Schema library
        from services.sync_sources import SyncFailure, sync_known_sources  # noqa: PLC0415

        async with _open_services(settings) as (services, tools):
            tenants = await select_tenants(services, tenant)
            results = sync_known_sources(
                services, tools, tenants,
                lambda known: provider in {None, known.provider} and name in {None, known.name},
                rules=settings.catalog_rules, trusted_sources=settings.trusted_sources, actor=operator(by),
            )  # fmt: skip
            is_known, unreadable, errors = False, set(), []
            async for result in _with_progress(results):
                if isinstance(result, SyncFailure):
                    errors.append(_error_of(result.error, result.tenant_id if len(tenants) > 1 else None))
                    if result.source is None:
                        unreadable.add(result.tenant_id)
                        continue
                is_known = True
            if name is not None and not is_known:
                raise NotFound("source", name, f"the catalog has no tools of {name!r}")
            catalogs = [
                await services.catalog.list_tools(tenant_id) for tenant_id in tenants if tenant_id not in unreadable
            ]
            return [tool for catalog in catalogs for tool in undecided_tools(catalog)], errors

    undecided, errors = run_async(sync_and_list_drift())
    if as_json:
        show_json(undecided)
    else:
        show_lines(
            [
                (
                    tool.tenant_id,
                    tool.tool_slug,
                    f"version {tool.version}",
                    tool.schema_hash[:12],
                    f"{tool.risk} risk",
                    (*tool.drift, *notes_on_new_tool(tool)),
                )
                for tool in undecided
            ],
            empty=f"no tool {'of the sources that answered ' if errors else ''}waits for a decision",
        )
    _raise_all(errors)
    if undecided:
        raise typer.Exit(1)


def notes_on_new_tool(tool: Tool) -> tuple[str, ...]:
    """The description of a new tool, on one line. Empty for a changed tool, which shows its changes instead."""
    return (f"description: {one_line(tool.description)}",) if tool.is_new and tool.description else ()


def health(*, tenant: AnyTenant = None, as_json: AsJson = False) -> None:
    """Check that every source of the catalog can be reached. Exits with 1 if one cannot."""
    settings = read_settings()

    async def check_sources() -> list[dict[str, Any]]:
        from services.sync_catalog import select_tenants  # noqa: PLC0415  # loads a JSON Schema library
        from services.sync_sources import sources_in_catalogs  # noqa: PLC0415

        async with _open_services(settings) as (services, tools):
            known, failures = await sources_in_catalogs(services, await select_tenants(services, tenant))
            _raise_all([_error_of(failure.error, failure.tenant_id) for failure in failures])
            return [
                {"provider": provider, "source": name, "problem": await tools.health(provider, name)}
                for provider, name in sorted(known)
            ]

    results = run_async(check_sources())
    if as_json:
        show_json(results)
    else:
        rows = [
            (result["provider"], result["source"], "failed" if result["problem"] else "ok", (result["problem"],))
            for result in results
        ]
        show_lines(rows, empty="the catalog has no sources")
    if any(result["problem"] for result in results):
        raise typer.Exit(1)


@asynccontextmanager
async def _open_services(settings: Settings) -> AsyncIterator[tuple[Backends, "Tools"]]:
    async with open_backends(settings.chosen_database()) as services, settings.tools() as tools:
        yield services, tools


async def _with_progress(results: "AsyncIterator[SyncResult]") -> "AsyncIterator[SyncResult]":
    """Yield the results, and print how many tenants of a source are done."""
    tenants_done: Counter[str] = Counter()
    async for result in results:
        yield result
        if isinstance(result, tuple):
            source, _ = result
            tenants_done[source.name] += 1
            if tenants_done[source.name] % PROGRESS_EVERY == 0:
                sys.stderr.write(f"{source.name}: {tenants_done[source.name]} tenants\n")


def _error_of(error: Exception, tenant: UUID | None) -> ControlPlaneError:
    """One line about the error, with the tenant if one is given. Raises the error again if it is a bug."""
    if not isinstance(error, ControlPlaneError):
        raise error
    return error if tenant is None else StateConflict(f"tenant {tenant}", with_remedy(error))


def _raise_all(errors: list[ControlPlaneError]) -> None:
    if errors:
        raise errors[0] if len(errors) == 1 else NotReady("; ".join(with_remedy(error) for error in errors))


def _find_source(source: str | None, command: list[str] | None) -> tuple[str, Settings]:
    """The name of the source, and the settings. With a command, the settings are a copy that has its server."""
    settings = read_settings()
    if not command:
        if source is None:
            raise InvalidInput("source", "name one of ACP_MCP_SERVERS, or give a command after --")
        return source, settings
    name = source or _name_of(command)
    update = next(spec.settings_for_command for spec in PROVIDERS.values() if spec.settings_for_command)
    return name, settings.model_copy(update=update(settings, name, command))


def _name_of(command: list[str]) -> str:
    """A name for the server: `everything` for `npx -y @modelcontextprotocol/server-everything`."""
    words = [word for word in command if not word.startswith("-")]
    return PurePosixPath(words[-1]).stem.removeprefix("server-").removeprefix("mcp-server-") or "server"


def _lines(reports: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """The rows to print. Tenants with the same changes share their rows."""
    tenants_by_lines: dict[tuple[tuple[object, ...], ...], int] = {}
    for report in reports:
        hashes = {(t.tool_slug, t.version): (t.schema_hash[:12], t.risk) for t in report["tools"]}
        lines = tuple(
            (
                change["tool_slug"], f"version {change['version']}", change["change"],
                *hashes[change["tool_slug"], change["version"]], change["drift"],
            )
            for change in report["changes"]
        )  # fmt: skip
        tenants_by_lines[lines] = tenants_by_lines.get(lines, 0) + 1
    return [
        (*line[:-1], f"{tenants} tenants" if tenants > 1 else "1 tenant", line[-1])
        for lines, tenants in tenants_by_lines.items()
        for line in lines
    ]
