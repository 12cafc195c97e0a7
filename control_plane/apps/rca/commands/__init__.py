"""`python -m control_plane rca`: bring metadata of systems in, and look at it."""

import typer

from control_plane.apps.rca.commands import metadata

app = typer.Typer(no_args_is_help=True)
app.registered_commands.extend(metadata.app.registered_commands)


@app.callback()
def group() -> None:
    """Bring the metadata of systems in, to find why two of them disagree."""
