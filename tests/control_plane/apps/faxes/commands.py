"""`python -m control_plane faxes`."""

import typer

app = typer.Typer(no_args_is_help=True)


@app.command()
def count() -> None:
    """Count the faxes."""
    print("1 fax")
