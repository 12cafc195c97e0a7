"""`drafts ingest` and `drafts documents`: the documents that the drafter knows."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from control_plane.apps.drafts.store import functions_of
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.functions import by as caller
from services.envelope import Actor
from services.errors import InvalidInput
from services.process.terminal import run_async

if TYPE_CHECKING:
    from control_plane.apps.drafts.knowledge.ingest import Imported

SHOW_EVERY = 1.0
"""Seconds between two lines of progress."""


app = typer.Typer()


@app.command(epilog="Example: python -m control_plane drafts ingest help/ --tenant UUID")
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…",
            help="A folder, URLs of pages or sitemaps, a .txt file with a URL per line, a .yaml file with goldens, or:"
            " conversations.",
        ),
    ],
    tenant: Tenant,
    *,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="The URL at which customers find the files of the folder. Without it, replies have no links to them."
        ),
    ] = None,
    refresh_hours: Annotated[int, typer.Option(min=1, max=8760, help="Hours after which pages are read again.")] = 24,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Teach the drafter documents: files, pages of the web, or goldens. Documents that it already knows are skipped."""
    shown_at = 0.0

    def show(imported: "Imported") -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= SHOW_EVERY:
            shown_at = time.monotonic()
            total = "" if imported.total is None else f" of {imported.total:,}"
            sys.stderr.write(f"read {imported.read:,}{total}, {imported.saved:,} new or changed\n")

    async def ingest_sources() -> "Imported":
        async with backends() as services:
            return await _ingest(
                services, tenant, sources, base_url=base_url, refresh_every=timedelta(hours=refresh_hours),
                actor=operator(by), show=show,
            )  # fmt: skip

    imported = run_async(ingest_sources())
    if as_json:
        show_json(imported)
        return
    counts = (
        f"{imported.saved:,} saved, {imported.unchanged:,} unchanged, {imported.vanished:,} gone, "
        f"{imported.failed:,} not readable"
    )
    show_lines([(counts, tuple(f"{name}: {problem}" for name, problem in imported.problems))], empty="")


async def _ingest(
    services: Backends,
    tenant: UUID,
    sources: list[str],
    *,
    base_url: str | None,
    refresh_every: timedelta,
    actor: Actor,
    show: Callable[["Imported"], None],
) -> "Imported":
    from control_plane.apps.drafts.knowledge.conversations import ingest_conversations  # noqa: PLC0415
    from control_plane.apps.drafts.knowledge.folders import ingest_folder  # noqa: PLC0415
    from control_plane.apps.drafts.knowledge.goldens import ingest_goldens  # noqa: PLC0415
    from control_plane.apps.drafts.knowledge.pages import ingest_pages  # noqa: PLC0415
    from control_plane.apps.drafts.knowledge.sitemaps import expand_sitemaps  # noqa: PLC0415
    from services.tools.outgoing import AllowedHosts  # noqa: PLC0415

    first = Path(sources[0])
    are_urls = all("://" in source for source in sources)
    if not are_urls and len(sources) > 1:
        raise InvalidInput("SOURCE", "give URLs, or one folder or file")
    if sources == ["conversations"]:
        return await ingest_conversations(services, tenant, actor=actor, on_progress=show)
    if not are_urls and first.suffix.lower() in {".yaml", ".yml"}:
        return await ingest_goldens(services, tenant, first, actor=actor, on_progress=show)
    if not are_urls and first.suffix.lower() != ".txt":
        return await ingest_folder(services, tenant, first, actor=actor, base_url=base_url, on_progress=show)
    allowed_hosts = AllowedHosts(read_settings().known_allowed_hosts)
    await services.tenants.get(tenant)  # before a sitemap is read for it
    addresses = await expand_sitemaps(
        tenant, sources if are_urls else _read_addresses(first), allowed_hosts=allowed_hosts
    )
    return await ingest_pages(
        services, tenant, addresses, actor=actor, refresh_every=refresh_every, on_progress=show,
        allowed_hosts=allowed_hosts,
    )  # fmt: skip


def _read_addresses(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput("SOURCE", f"{file} cannot be read as UTF-8 text") from exc
    addresses = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not addresses:
        raise InvalidInput("SOURCE", f"{file} has no address")
    return addresses


@app.command(epilog="Example: python -m control_plane drafts documents --tenant UUID")
def documents(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the documents that the drafter knows, and why one could not be read."""

    async def read() -> list[dict[str, Any]]:
        async with backends() as services:
            functions, found = functions_of(services), list[dict[str, Any]]()
            while True:
                rows = await functions.call(
                    "drafts.list_documents", after=found[-1]["source_url"] if found else "", tenant=tenant,
                    **caller(operator("operator")),
                )  # fmt: skip
                found += rows
                if len(rows) < 1000:
                    return found

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (each["kind"], each["source_url"], f"{each['chunks']} passages", "gone" if each["vanished_at"] else "",
             (each["failure"],))
            for each in found
        ],
        empty="no documents; see: drafts ingest",
    )  # fmt: skip
