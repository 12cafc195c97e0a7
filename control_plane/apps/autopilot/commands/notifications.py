"""`python -m control_plane autopilot connect-queues`, `notifications`: messages of the three queues."""

from typing import Annotated

import typer

from control_plane.apps.autopilot.notifications.connect import connect_queues
from control_plane.apps.autopilot.notifications.queues import QUEUES, read_queue_settings
from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store.messages import Notification, list_messages
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async
from services.untrusted import one_line

app = typer.Typer()


@app.command(
    "connect-queues", epilog="Example: python -m control_plane autopilot connect-queues events --tenant UUID --by maria"
)
def connect(
    broker: Annotated[str, typer.Argument(metavar="BROKER", help="A broker of ACP_AMQP_BROKERS.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Send a tenant's notifications to three queues of a broker: add a tool for each, and name it in the settings."""
    brokers = read_queue_settings().amqp_brokers

    async def change() -> None:
        async with backends() as services:
            await connect_queues(services, tenant, broker, brokers=list(brokers), actor=operator(by))

    run_async(change())
    for queue in QUEUES:
        print(f"{queue.tool_slug} sends to the queue {queue.name}")


@app.command("notifications", epilog="Example: python -m control_plane autopilot notifications --tenant UUID")
def list_notifications(
    tenant: Tenant,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of notifications.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the notifications of the last week, the newest first."""

    async def read() -> list[Notification]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await list_messages(functions_of(services), tenant, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [(n.seq, f"{n.created_at:%Y-%m-%d %H:%M} UTC", n.payload.get("type"), n.subject_id, _news(n)) for n in found],
        empty="no notifications",
    )


def _news(notification: Notification) -> str:
    news = (notification.payload.get(name) for name in ("status", "action", "kb_status"))
    return one_line(" ".join(str(each) for each in news if each is not None))
