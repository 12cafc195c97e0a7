"""`python -m control_plane autopilot`: let tickets come in, and group them."""

import typer

from control_plane.apps.autopilot.commands import (
    articles,
    clusters,
    connections,
    dry_runs,
    insight,
    models,
    notifications,
    readiness,
    runs,
    settings,
)

app = typer.Typer(no_args_is_help=True)
for each in (connections, runs, settings, notifications, readiness, dry_runs, clusters, models, articles):
    app.registered_commands.extend(each.app.registered_commands)
app.add_typer(insight.app, name="insight")


@app.callback()
def group() -> None:
    """Bring tickets in from ticket systems."""
