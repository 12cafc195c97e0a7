"""`python -m control_plane autopilot`: let tickets come in, and group them."""

import typer

from control_plane.apps.autopilot.commands import connections

app = typer.Typer(no_args_is_help=True)
app.registered_commands.extend(connections.app.registered_commands)


@app.callback()
def group() -> None:
    """Bring tickets in from ticket systems."""
