"""`python -m control_plane guardrails`: what a tenant allows its agents to do alone."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, operator, parse, show_json
from services.guardrails import GuardrailSettings
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Show and set a tenant's guardrails.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose they are.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who asks; the audit log names them.")]


@app.command(epilog="Example: python -m control_plane guardrails show --tenant UUID")
def show(tenant: TenantId) -> None:
    """The guardrails, as JSON."""
    from services.set_guardrails import read_guardrails  # noqa: PLC0415  # loads every time zone's name

    async def ask() -> GuardrailSettings:
        async with backends() as services:
            return await read_guardrails(services, tenant)

    show_json(run_async(ask()))


@app.command(
    "set",
    epilog="""Example: python -m control_plane guardrails set --tenant UUID '{"trust_threshold": 0.7,
    "quiet_hours": {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}}'""",
)
def set_command(
    tenant: TenantId, guardrails: Annotated[str, typer.Argument(help="What changes, as JSON.")], by: By = "operator"
) -> None:
    """Change what is named and keep the rest; what the old ones held is judged again."""
    from services.set_guardrails import set_guardrails  # noqa: PLC0415  # loads every time zone's name

    changes = parse(guardrails)

    async def save() -> GuardrailSettings:
        async with backends() as services:
            return await set_guardrails(services, tenant, changes, actor=operator(by))

    show_json(run_async(save()))


@app.command(epilog="Example: python -m control_plane guardrails schema > guardrails.schema.json")
def schema() -> None:
    """The JSON Schema of guardrails, for editors and forms."""
    from services.guardrails.validate import guardrails_schema  # noqa: PLC0415  # loads every time zone's name

    show_json(guardrails_schema())
