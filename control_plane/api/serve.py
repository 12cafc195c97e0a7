"""Serve the API until SIGTERM or SIGINT."""

import asyncio
import socket
from collections.abc import Callable

import structlog
import uvicorn
from fastapi import FastAPI

from control_plane.api.app import create_app
from control_plane.auth import Verifier, make_local_verifier, make_verifier
from control_plane.jobs import make_context
from control_plane.settings import Settings
from control_plane.signer import Sign, find_signer
from services.backends.open import open_access
from services.database.rest.keys import load_or_create_keys
from services.errors import ControlPlaneError, NotReady
from services.process import garbage, signals
from services.process.web_server import Server

STOP_WITHIN = 10
"""Seconds that open requests have to finish after a signal."""

log = structlog.get_logger("api")


async def serve(settings: Settings, *, host: str, port: int, add_doors: Callable[[FastAPI], None]) -> None:
    """Answer requests until SIGTERM or SIGINT. `add_doors` adds the routes of other doors to the app.

    Raises NotReady when the port or the database cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with (
        open_access(settings.chosen_database(), sign=choose_signer(settings)) as access,
        settings.tools() as tools,
    ):
        listener = _listen(host, port)
        context = make_context(settings, access.operator, tools)
        app = create_app(
            access, choose_verifier(settings), job_context=context, webhook_key=settings.webhook_key_text,
            slack_apps=settings.known_slack_apps, notice_server=settings.notice_server,
            limits=settings.request_limits(), failed_tokens=settings.api_failed_tokens_per_minute,
        )  # fmt: skip
        add_doors(app)
        config = uvicorn.Config(
            app, lifespan="off", access_log=False, log_config=None, ws="none", server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN, timeout_keep_alive=30, h11_max_incomplete_event_size=64 * 1024,
        )  # fmt: skip
        server = Server(config)
        garbage.exclude_loaded()
        with signals.stop_with(lambda: loop.call_soon_threadsafe(stop.set)):
            running = asyncio.create_task(server.serve(sockets=[listener]))
            log.info("api.started", url=f"http://{url_host(host)}:{listener.getsockname()[1]}")
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            app.state.feed.close()  # ends the event streams
            server.should_exit = True
            stopping.cancel()
            await running
            log.info("api.stopped")


def choose_signer(settings: Settings) -> Sign | None:
    """The signer of JWTs; None without a signing key: API tokens of agents then need a database connection."""
    try:
        return find_signer(settings)
    except ControlPlaneError:
        return None


def choose_verifier(settings: Settings) -> Verifier:
    """The verifier of the project's tokens; without SUPABASE_URL, of the tokens that `token mint` makes here."""
    if settings.supabase_url is not None:
        return make_verifier(settings)
    return make_local_verifier(load_or_create_keys(settings.data_dir))


def url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512
        )
    except OSError as exc:
        raise NotReady(f"--port {port}: cannot listen on {host} ({exc.strerror}); choose another one") from exc
