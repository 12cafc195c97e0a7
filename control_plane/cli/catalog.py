"""`python -m control_plane catalog`: the tools of a tenant."""

from typing import Annotated

import typer

from control_plane.cli import catalog_decide, catalog_sync
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.strict_json import parse_object
from services.catalog import Tool
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List, add, sync, accept and reject the tools of tenants.")


@app.command("list", epilog="Example: python -m control_plane catalog list --tenant UUID")
def list_command(tenant: Tenant, as_json: AsJson = False) -> None:
    """List all versions of a tenant's tools, the newest first."""

    async def read() -> list[Tool]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises NotFound for an unknown tenant
            return await services.catalog.list_tools(tenant)

    tools = run_async(read())
    if as_json:
        show_json(tools)
        return
    rows = [
        (
            t.tool_slug,
            f"version {t.version}",
            t.status,
            f"{t.risk} risk",
            t.provider,
            "idempotent" if t.idempotent else "",
            t.schema_hash[:12],
            ", ".join(t.required_scopes),
        )
        for t in tools
    ]
    show_lines(rows, empty="no tools")


@app.command(
    epilog="""Example: python -m control_plane catalog add '{"tenant_id": "UUID", "tool_slug": "DESK__open",
    "version": "1", "provider": "http", "config": {"url": "https://desk.example/hooks", "secret": "desk"}}'"""
)
def add(
    tool: Annotated[str, typer.Argument(help="The tool, as a JSON object with columns of tool_catalog.")],
    by: By = "operator",
) -> None:
    """Add a tool to a tenant's catalog. An existing tool with the same slug and version is replaced."""
    from services.add_tool import add_tool  # noqa: PLC0415  # loads a JSON Schema library

    document = parse_object(tool)

    async def save_tool() -> Tool:
        async with backends() as services:
            return await add_tool(services, document, actor=operator(by))

    added = run_async(save_tool())
    print(f"{added.tool_slug} version {added.version}")


app.command(
    epilog="""Example: python -m control_plane catalog sync --provider mcp --
    npx -y @modelcontextprotocol/server-everything"""
)(catalog_sync.sync)
app.command(epilog="Example: python -m control_plane catalog drift --tenant UUID")(catalog_sync.drift)
app.command(epilog="Example: python -m control_plane catalog accept FILES__read --tenant UUID --by maria")(
    catalog_decide.accept
)
app.command(
    epilog="Example: python -m control_plane catalog reject FILES__read --tenant UUID --reason 'asks for too much'"
)(catalog_decide.reject)
app.command(epilog="Example: python -m control_plane catalog health --json")(catalog_sync.health)
