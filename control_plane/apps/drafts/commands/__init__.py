"""`python -m control_plane drafts`: decide about drafts, and teach the drafter."""

import typer

from control_plane.apps.drafts.commands import channels, decide, queue, review

app = typer.Typer(no_args_is_help=True)
for part in (queue, decide, review, channels):
    app.registered_commands.extend(part.app.registered_commands)
