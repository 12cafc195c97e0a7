"""Start API, worker and scheduler over one database, and print their URLs and tokens to try them."""

import hashlib
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

from control_plane.api.serve import url_host
from control_plane.console.paths import APPROVAL, ROOT
from control_plane.demo.proposals import ACME
from control_plane.mcp.http import PATH
from control_plane.settings import Settings
from control_plane.up.parts import Part, Started, run_parts
from control_plane.up.runner_lock import RunnerLock, describe_runner, hold_runner_lock
from control_plane.up.tokens import make_tokens
from services.backends.choice import EmbeddedDatabase
from services.backends.open import open_backends
from services.database.embedded import running, to_stderr
from services.database.rest.keys import load_or_create_keys
from services.database.schema import migrate
from services.distribution import CONSOLE_EXTRA, is_installed
from services.process import signals


async def up(
    settings: Settings, *, host: str, port: int, worker_port: int, jobs_port: int, tenant: UUID | None
) -> None:
    """Run the API, a worker and the scheduler until SIGTERM or SIGINT. If they run already, print their URL.

    Without a database in the settings, uses the embedded one, with the demo tenants. Raises NotReady like `run_parts`.
    """
    with hold_runner_lock(settings.data_dir) as runner_lock:
        if runner_lock is None:
            print(describe_runner(settings.data_dir))
            return
        choice = settings.chosen_database()
        environment = _webhook_key(settings) | _approval_url(settings, host, port) | os.environ
        async with open_backends(choice) as backends:  # the embedded server stops after the parts
            if tenant is None and isinstance(choice, EmbeddedDatabase):
                with signals.blocking():
                    _seed(choice.data_dir)
                tenant = ACME
                environment |= _time_server(settings)
            elif tenant is not None:
                await backends.tenants.get(tenant)  # raises NotFound
            tokens = await make_tokens(settings, backends, tenant)
            parts = [
                Part("api", ("control_plane", "serve", "--host", host, "--port", str(port)), "api.started"),
                Part("worker", ("worker.outbox", "start", "--health-port", str(worker_port)), "worker.started"),
                Part("jobs", ("control_plane", "jobs", "start", "--health-port", str(jobs_port)), "jobs.started"),
            ]
            await run_parts(
                parts, environment, drain_for=settings.drain_for.total_seconds(),
                on_started=lambda started: _print_urls(runner_lock, started, tenant, tokens),
            )  # fmt: skip


def _seed(data_dir: Path) -> None:
    with running(data_dir) as cluster:
        migrate.seed(cluster.url, say=to_stderr)


def _webhook_key(settings: Settings) -> dict[str, str]:
    """ACP_WEBHOOK_KEY, derived from the keys in the data folder. An empty dict if the settings have a key."""
    key = hashlib.sha256(b"webhook key " + load_or_create_keys(settings.data_dir).jwt_secret.encode())
    return {} if settings.webhook_key_text else {"ACP_WEBHOOK_KEY": key.hexdigest()}


def _approval_url(settings: Settings, host: str, port: int) -> dict[str, str]:
    """ACP_APPROVAL_URL with the URL of the console's page for an approval. An empty dict if the settings already have
    one, if the console is not installed, or if the port is 0: the API then chooses it."""
    is_set = settings.model_dump(include={"approval_url"})["approval_url"] is not None
    has_page = not is_set and port != 0 and is_installed(CONSOLE_EXTRA)
    return {"ACP_APPROVAL_URL": f"http://{url_host(host)}:{port}{APPROVAL}"} if has_page else {}


def _time_server(settings: Settings) -> dict[str, str]:
    """ACP_MCP_SERVERS with the server of the demo tenants' tools TIME__*. An empty dict if the settings have
    servers, or if this server is not installed."""
    if settings.model_dump(include={"mcp_servers"})["mcp_servers"] or find_spec("mcp_server_time") is None:
        return {}
    time = {"command": sys.executable, "args": ["-m", "mcp_server_time", "--local-timezone", "UTC"]}
    return {"ACP_MCP_SERVERS": json.dumps({"time": time})}


def _print_urls(runner_lock: RunnerLock, started: Started, tenant: UUID | None, tokens: dict[str, str]) -> None:
    url = started["api"]["url"]
    runner_lock.record(url)
    has_console = is_installed(CONSOLE_EXTRA)
    lines = {
        "ACP_API_URL": url,
        "ACP_MCP_URL": f"{url}{PATH}",
        **({"ACP_CONSOLE_URL": f"{url}{ROOT}/"} if has_console else {}),
        "ACP_WORKER_URL": f"http://127.0.0.1:{started['worker']['health_port']}",
        "ACP_JOBS_URL": f"http://127.0.0.1:{started['jobs']['health_port']}",
        **({} if tenant is None else {"ACP_TENANT": str(tenant)}),
        **tokens,
    }
    print("\n".join(f"{name}={value}" for name, value in lines.items()), flush=True)
    if has_console and "ACP_OPERATOR_JWT" in tokens:
        to_stderr(f"console: {url}{ROOT}/, sign in with the value of ACP_OPERATOR_JWT or ACP_OWNER_JWT")
    to_stderr(f"ready: description of the API at {url}/docs; Ctrl-C stops it")
