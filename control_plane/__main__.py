"""`python -m control_plane`: one noun per group of commands."""

from services.process import garbage, signals

if __name__ == "__main__":
    signals.install_handlers(
        ("jobs", "start"), ("db", "up"), ("serve",), ("up",), ("mcp",)
    )  # before anything that takes time to load
    garbage.collect_rarely()

import typer

from control_plane.apps import APPLICATIONS
from control_plane.cli import (
    accounts,
    approvals,
    audit,
    catalog,
    db,
    dead_letters,
    demo,
    envelopes,
    evidence,
    grants,
    guardrails,
    inbound_webhooks,
    jobs,
    mcp,
    notices,
    objectives,
    pauses,
    serve,
    shadow,
    slack_users,
    tenants,
    token,
    up,
    webhooks,
)
from control_plane.cli.applications import commands_of
from control_plane.remedies import with_remedy
from services.process import terminal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Agents propose, guardrails judge, people approve, a worker executes once, everything is audited.",
)
terminal.add_version(app)
app.add_typer(tenants.app, name="tenants")
app.add_typer(envelopes.app, name="envelopes")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(approvals.app, name="approvals")
app.add_typer(grants.app, name="grants")
app.add_typer(guardrails.app, name="guardrails")
app.add_typer(shadow.app, name="shadow")
app.add_typer(pauses.app, name="pauses")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(notices.app, name="notices")
app.add_typer(slack_users.app, name="slack-users")
app.add_typer(inbound_webhooks.app, name="inbound-webhooks")
app.add_typer(objectives.app, name="objectives")
app.add_typer(catalog.app, name="catalog")
app.add_typer(accounts.app, name="accounts")
app.add_typer(evidence.app, name="evidence")
app.add_typer(jobs.app, name="jobs")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")
app.add_typer(token.app, name="token")
for application in APPLICATIONS:
    app.add_typer(commands_of(application), name=application.name)
app.command("serve", epilog="Example: python -m control_plane serve --port 8080")(serve.serve)
app.command("up", epilog="Example: python -m control_plane up --port 8080")(up.up)
app.command("mcp", epilog="Example: ACP_API_TOKEN=acp_… python -m control_plane mcp")(mcp.mcp)
app.command("demo", epilog="Example: python -m control_plane demo")(demo.demo)


def main() -> None:
    """Entry point of `control-plane`."""
    terminal.run(app, say=with_remedy)


if __name__ == "__main__":
    main()
