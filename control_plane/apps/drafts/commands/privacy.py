"""`drafts export-customer` and `erase-customer`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from control_plane.apps.drafts import privacy
from control_plane.apps.drafts.privacy import Erasure
from control_plane.apps.drafts.store import functions_of
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json
from services.errors import InvalidInput
from services.process.terminal import run_async

Customer = Annotated[str, typer.Argument(metavar="ADDRESS", help="The customer's e-mail address.")]


def add_commands_to(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.command(
        "export-customer",
        epilog="Example: python -m control_plane drafts export-customer maria@example.com --tenant UUID",
    )(export_customer)
    app.command(
        "erase-customer",
        epilog="Example: python -m control_plane drafts erase-customer maria@example.com --tenant UUID --yes",
    )(erase_customer)


def export_customer(
    customer: Customer,
    tenant: Tenant,
    output: Annotated[Path, typer.Option(help="The JSON file to write; - for stdout.")] = Path("-"),
    by: By = "operator",
) -> None:
    """Write everything that drafts stores about one customer as JSON."""

    async def read() -> dict[str, list[dict[str, Any]]]:
        async with backends() as services:
            functions, actor = functions_of(services), operator(by)
            return {
                "conversations": await privacy.export_customer(functions, tenant, customer, actor=actor),
                "events": await privacy.export_events(functions, tenant, customer, actor=actor),
            }

    found = run_async(read())
    text = json.dumps({"customer": customer, **found}, ensure_ascii=False, indent=2)
    if str(output) == "-":
        print(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as exc:
        raise InvalidInput("--output", f"cannot be written: {exc.strerror}") from exc
    print(f"wrote {len(found['conversations'])} conversations and {len(found['events'])} events to {output}")


def erase_customer(
    customer: Customer,
    tenant: Tenant,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask for confirmation. Erased data cannot be restored.")
    ] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Erase one customer everywhere: conversations, drafts, what was learned from them, and arguments of envelopes."""
    if not yes:
        typer.confirm("Erase everything about this customer? It cannot be restored.", abort=True, err=True)

    async def erase() -> Erasure:
        async with backends() as services:
            return await privacy.erase_customer(functions_of(services), tenant, customer, actor=operator(by))

    erasure = run_async(erase())
    if as_json:
        show_json(erasure)
        return
    counted = ", ".join(f"{count} {name}" for name, count in sorted(erasure.counts.items()) if count)
    print(f"erased: {counted}; record {erasure.id}")
