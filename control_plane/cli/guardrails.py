"""`python -m control_plane guardrails`: what a tenant allows its agents to do alone."""

from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.answers import as_document, backends, parse, show_json
from services.errors import NotFound
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Show and set a tenant's guardrails.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose they are.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who asks; the audit log names them.")]


@app.command(epilog="Example: python -m control_plane guardrails show --tenant UUID")
def show(tenant: TenantId) -> None:
    """The guardrails, as JSON."""
    show_json(run_async(_read(tenant)))


@app.command(
    "set",
    epilog="""Example: python -m control_plane guardrails set --tenant UUID '{"trust_threshold": 0.7,
    "quiet_hours": {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}}'""",
)
def set_command(
    tenant: TenantId, guardrails: Annotated[str, typer.Argument(help="What changes, as JSON.")], by: By = "operator"
) -> None:
    """Change what is named and keep the rest; what the old ones held is judged again."""
    from services.guardrails.validate import parse_settings  # noqa: PLC0415  # loads every time zone's name

    changes = parse(guardrails)

    async def save() -> None:
        async with backends() as services:
            policies = await services.guardrails.policies([tenant])
            if tenant not in policies:
                raise NotFound("tenant", tenant)
            kept = as_document(policies[tenant].settings)
            kept.pop("tenant_id")
            await services.guardrails.save(parse_settings(tenant, {**kept, **changes}), by=by)

    run_async(save())
    show_json(run_async(_read(tenant)))


@app.command(epilog="Example: python -m control_plane guardrails schema > guardrails.schema.json")
def schema() -> None:
    """The JSON Schema of guardrails, for editors and forms."""
    from services.guardrails.validate import guardrails_schema  # noqa: PLC0415  # loads every time zone's name

    show_json(guardrails_schema())


async def _read(tenant: UUID) -> dict[str, Any]:
    async with backends() as services:
        policies = await services.guardrails.policies([tenant])
    if tenant not in policies:
        raise NotFound("tenant", tenant)
    document: dict[str, Any] = as_document(policies[tenant].settings)
    return document
