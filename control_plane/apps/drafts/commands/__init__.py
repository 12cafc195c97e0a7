"""`python -m control_plane drafts`: decide about drafts, and teach the drafter."""

import typer

app = typer.Typer(no_args_is_help=True)
