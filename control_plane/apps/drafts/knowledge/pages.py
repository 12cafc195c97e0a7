"""Import pages of the web, and read again those that are due."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from control_plane.apps.drafts.knowledge.chunk import cut
from control_plane.apps.drafts.knowledge.extract import extract
from control_plane.apps.drafts.knowledge.fetch import (
    Fetched,
    PageFetcher,
    Unchanged,
    Unreadable,
    Vanished,
    parse_url,
    server_of,
)
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, hours, sha256
from control_plane.apps.drafts.knowledge.ingest import Imported, OnProgress, importing, save_batch, say_nothing
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.documents import Documents, KnownDocument
from services.backends import Backends
from services.clock import Clock, utc_now
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput, concerns_one_tenant
from services.tools.outgoing import AllowedHosts

SERVERS_AT_ONCE = 4
"""The most servers whose pages are read at once. The pages of one server are read one after another."""
SAVED_AT_ONCE = 4
"""The pages of a server that are stored in one transaction."""
REFRESH_WITHIN = timedelta(minutes=2)
"""How long a run reads the pages of one tenant again: slow servers must not hold up the other tenants."""
REFRESH_EVERY = timedelta(days=1)
"""For pages that were stored without an interval."""
RETRY_AFTER = timedelta(hours=1)
"""The wait until a page that could not be read is tried again."""
MAX_PAGES = 10_000


async def ingest_pages(
    backends: Backends,
    tenant_id: UUID,
    addresses: Sequence[str],
    *,
    actor: Actor,
    allowed_hosts: AllowedHosts,
    refresh_every: timedelta | None = None,
    clock: Clock = utc_now,
    on_progress: OnProgress = say_nothing,
    within: timedelta | None = None,
) -> Imported:
    """Fetch and store these pages. A page that no longer exists is no longer cited. For a page that could not be read,
    the stored version stays. After `within` no further page is begun, but one of each server is read.

    `refresh_every`, in whole hours, is stored with the pages. Without it, each page keeps its own interval.
    Raises InvalidInput for an invalid address.
    """
    urls = list(dict.fromkeys(_normal(address) for address in addresses))
    if len(urls) > MAX_PAGES:
        raise InvalidInput("urls", f"are {len(urls):,}; at most {MAX_PAGES:,} are read at once")
    documents = Documents(functions_of(backends), tenant_id, actor)
    imported = Imported(total=len(urls))
    async with importing(documents, "crawl", imported), PageFetcher(tenant_id, allowed_hosts=allowed_hosts) as fetcher:
        reader = _PageReader(
            documents=documents, fetcher=fetcher, known=await documents.known("page"), imported=imported,
            refresh_every=refresh_every, clock=clock, on_progress=on_progress,
        )  # fmt: skip
        slots = asyncio.Semaphore(SERVERS_AT_ONCE)
        elapsed = asyncio.get_running_loop().time
        ends_at = math.inf if within is None else elapsed() + within.total_seconds()
        try:
            async with asyncio.TaskGroup() as group:
                for pages in _by_server(urls):
                    group.create_task(reader.read_server(pages, slots, lambda: elapsed() >= ends_at))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
    return imported


async def refresh_pages(
    backends: Backends,
    *,
    actor: Actor,
    allowed_hosts: AllowedHosts,
    clock: Clock = utc_now,
    limit: int = 100,
    within: timedelta = REFRESH_WITHIN,
) -> dict[UUID, Imported]:
    """Read again the pages of all tenants that are due, at most `limit`. Returns the counts by tenant.

    What goes wrong for one tenant is a problem in its counts; what takes longer than `within` is left to the next run.
    Raises NotReady if the database cannot be reached.
    """
    functions = functions_of(backends)
    due: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in await functions.call("drafts.due_documents", max_documents=limit, as_of=functions.as_of()):
        due[UUID(row["tenant_id"])].append(row["source_url"])
    results: dict[UUID, Imported] = {}

    async def refresh(tenant: UUID, urls: Sequence[str]) -> None:
        try:
            results[tenant] = await ingest_pages(
                backends, tenant, urls, actor=actor, allowed_hosts=allowed_hosts, clock=clock, within=within
            )
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            results[tenant] = Imported(failed=len(urls), problems=[(f"tenant {tenant}", str(exc))])

    await asyncio.gather(*(refresh(tenant, urls) for tenant, urls in due.items()))
    return results


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageReader:
    """Reads pages, and notes what cannot be read."""

    documents: Documents
    fetcher: PageFetcher
    known: Mapping[str, KnownDocument]
    imported: Imported
    refresh_every: timedelta | None
    clock: Clock
    on_progress: OnProgress

    async def read_server(self, urls: Sequence[str], slots: asyncio.Semaphore, is_over: Callable[[], bool]) -> None:
        """Read and store the pages of one server, one after another, at least the first of them."""
        async with slots:
            unsaved: list[ReadDocument] = []
            for number, url in enumerate(urls):
                if number and is_over():
                    break
                document = await self.read(url)
                self.imported.read += 1
                if document is not None:
                    unsaved.append(document)
                if len(unsaved) == SAVED_AT_ONCE:
                    await save_batch(self.documents, unsaved, self.imported)
                    unsaved.clear()
                self.on_progress(self.imported)
            await save_batch(self.documents, unsaved, self.imported)

    async def read(self, url: str) -> ReadDocument | None:
        """The page as a document to store; None if there is nothing to store."""
        known = self.known.get(url)
        current = known if known is not None and known.is_current and known.hash else None
        answer = await self.fetcher.fetch(
            url, etag=current.etag if current else None, last_modified=current.last_modified if current else None
        )
        match answer:
            case Unchanged() if current is not None:
                await self.documents.save_rows([self._unchanged_fields(current)])
                self.imported.unchanged += 1
            case Vanished():
                gone = await self.documents.mark_vanished([url])
                self.imported.vanished += gone
                if not gone:
                    await self._fail(url, "the server knows no such page", again=False)
            case Unreadable(problem):
                await self._fail(url, problem)
            case Fetched():
                return await self._document(url, answer)
            case _:
                await self._fail(url, "the server says that it is unchanged, but it was never read")
        return None

    async def _document(self, url: str, page: Fetched) -> ReadDocument | None:
        try:
            content = await asyncio.to_thread(extract, url, page.data, ending=page.ending)
        except InvalidInput as exc:
            await self._fail(url, exc.problems[0][1])
            return None
        except Exception as exc:  # a bug that depends on one page must not stop the others
            await self._fail(url, f"cannot be read ({type(exc).__name__})")
            return None
        return ReadDocument(
            source_url=url, kind="page", title=content.title, text=content.text, passages=cut(content),
            hash=sha256(f"{content.title}\n{content.text}".encode()), language=content.language, etag=page.etag,
            last_modified=page.last_modified, refresh_every=self._interval(url),
            next_refresh_at=self.clock() + self._interval(url),
        )  # fmt: skip

    def _interval(self, url: str) -> timedelta:
        known = self.known.get(url)
        return self.refresh_every or (known and known.refresh_every) or REFRESH_EVERY

    def _unchanged_fields(self, known: KnownDocument) -> dict[str, object]:
        interval = self._interval(known.source_url)
        return {
            "source_url": known.source_url, "kind": "page", "hash": known.hash, "etag": known.etag,
            "last_modified": known.last_modified, "refresh_hours": hours(interval),
            "next_refresh_at": (self.clock() + interval).isoformat(),
        }  # fmt: skip

    async def _fail(self, url: str, problem: str, *, again: bool = True) -> None:
        self.imported.add_problem(url, problem)
        next_refresh_at = self.clock() + RETRY_AFTER if again else None
        await self.documents.mark_failed(
            url, "page", problem, next_refresh_at=next_refresh_at, refresh_every=self._interval(url)
        )


def _by_server(urls: Sequence[str]) -> list[list[str]]:
    pages: defaultdict[str, list[str]] = defaultdict(list)
    for url in urls:
        pages[server_of(url)].append(url)
    return list(pages.values())


def _normal(address: str) -> str:
    url = parse_url(address.strip())
    if url is None:
        raise InvalidInput("urls", f"{address[:200]!r} must be an http:// or https:// address, without a user name")
    return str(url)
