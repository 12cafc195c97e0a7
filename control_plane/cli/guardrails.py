"""`python -m control_plane guardrails`: the guardrails of a tenant."""

from typing import Annotated

import typer

from control_plane.cli.json_input import parse_object
from control_plane.cli.options import By, Tenant, backends, operator
from control_plane.cli.output import show_json
from services.guardrails import GuardrailSettings
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Show and set a tenant's guardrails.")


@app.command(epilog="Example: python -m control_plane guardrails show --tenant UUID")
def show(tenant: Tenant) -> None:
    """Print the guardrails of a tenant as JSON."""
    from services.set_guardrails import read_guardrails  # noqa: PLC0415  # loads the names of all time zones

    async def read() -> GuardrailSettings:
        async with backends() as services:
            return await read_guardrails(services, tenant)

    show_json(run_async(read()))


@app.command(
    "set",
    epilog="""Example: python -m control_plane guardrails set --tenant UUID '{"trust_threshold": 0.7,
    "quiet_hours": {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}}'""",
)
def set_command(
    tenant: Tenant,
    guardrails: Annotated[str, typer.Argument(help="The fields to change, as JSON.")],
    by: By = "operator",
) -> None:
    """Change the given fields of the guardrails. Envelopes that the old guardrails held are judged again."""
    from services.set_guardrails import set_guardrails  # noqa: PLC0415  # loads the names of all time zones

    changes = parse_object(guardrails)

    async def save() -> GuardrailSettings:
        async with backends() as services:
            return await set_guardrails(services, tenant, changes, actor=operator(by))

    show_json(run_async(save()))


@app.command(epilog="Example: python -m control_plane guardrails schema > guardrails.schema.json")
def schema() -> None:
    """Print the JSON Schema of guardrails, for editors and forms."""
    from services.guardrails.validate import guardrails_schema  # noqa: PLC0415  # loads the names of all time zones

    show_json(guardrails_schema())
