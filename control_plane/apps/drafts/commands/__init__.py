"""`python -m control_plane drafts`: decide about drafts, and teach the drafter."""

import typer

from control_plane.apps.drafts.commands import channels, decide, gate, ingest, learning, privacy, queue, review

app = typer.Typer(no_args_is_help=True)
for part in (queue, decide, review, channels, ingest):
    app.registered_commands.extend(part.app.registered_commands)
for group in (learning, gate, privacy):
    group.add_commands_to(app)
