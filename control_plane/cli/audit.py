"""`python -m control_plane audit`: what happened and why, and whether anybody has touched the record since."""

import csv
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, show_json, show_lines
from services.anchor_audit_log import ChainHeads, anchor_audit_log
from services.audit_log import AuditRow, RawAuditRow
from services.audit_log.export import COLUMNS, anchor_line, csv_cells, ndjson_line, read_anchors, read_rows
from services.audit_log.problems import Findings
from services.audit_log.verify import Anchors, verify_rows
from services.database.embedded import to_stderr
from services.errors import InvalidInput, NotFound, StateConflict
from services.export_audit_log import export_audit_log
from services.process.terminal import run_async
from services.verify_audit_log import verify_audit_log

app = typer.Typer(no_args_is_help=True, help="Read, verify and export the audit log.")


class Format(StrEnum):
    """How an export is written."""

    NDJSON = "ndjson"
    CSV = "csv"


TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose rows.")]
AnyTenant = Annotated[UUID | None, typer.Option("--tenant", help="This tenant alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


@app.command(epilog="Example: python -m control_plane audit tail --tenant UUID --limit 50")
def tail(
    tenant: TenantId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    before: Annotated[int | None, typer.Option(help="Only rows before this seq: the next page.")] = None,
    as_json: AsJson = False,
) -> None:
    """A tenant's newest audit rows, the newest first."""

    async def ask() -> list[AuditRow]:
        async with backends() as services:
            return await services.audit_log.tail(tenant, limit=limit, before=before)

    rows = run_async(ask())
    if as_json:
        show_json(rows)
        return
    shown = [
        (
            row.seq,
            row.created_at.isoformat(timespec="milliseconds"),
            row.entry.category,
            f"{row.entry.actor.type} {row.entry.actor.id}",
            (json.dumps(row.entry.payload, ensure_ascii=False),),
        )
        for row in rows
    ]
    show_lines(shown, empty="no audit rows")


@app.command("verify", epilog="Example: python -m control_plane audit verify --anchor anchors.jsonl")
def verify_command(
    tenant: AnyTenant = None,
    anchor: Annotated[Path | None, typer.Option(help="Anchors kept elsewhere, as `audit anchor` printed them.")] = None,
    file: Annotated[Path | None, typer.Option(help="Verify this NDJSON export instead, without a database.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute every hash again and name each row that was edited, deleted, inserted or reordered, whoever did it.

    Exits with 1 when something was found, one line per problem; else one line per tenant. A tenant whose rows cannot be
    read is `unverifiable`, and the others are verified all the same. Rows that are appended meanwhile do no harm.
    """
    anchors: Anchors = {}
    if anchor is not None:
        with _reading("--anchor", anchor) as lines:
            anchors = read_anchors(lines, str(anchor))
        if not anchors:
            raise InvalidInput(str(anchor), "holds no anchor; make one with: python -m control_plane audit anchor")
    if file is not None:
        with _reading("--file", file) as lines:
            found = verify_rows(read_rows(lines, str(file)), tenant, anchors, say=to_stderr)
        if not found:
            raise NotFound("audit rows", tenant, f"no audit rows{f' of {tenant}' if tenant else ''}", field=str(file))
    else:
        found = run_async(_verify(tenant, anchors))
    if as_json:
        show_json({"intact": all(each.intact for each in found), "tenants": found})
    else:
        for line in (line for each in found for line in _lines(each)):
            print(line)
        if not found:
            print("no audit rows")
    if not all(each.intact for each in found):
        raise typer.Exit(1)


@app.command(epilog="Example: python -m control_plane audit export --tenant UUID --since 2026-01-01 --out audit.ndjson")
def export(
    *,
    tenant: TenantId,
    format_: Annotated[Format, typer.Option("--format", help="ndjson, which can be verified, or csv, for people.")] = (
        Format.NDJSON
    ),
    after: Annotated[int | None, typer.Option(help="Begin after this seq, such as the last one you have.")] = None,
    since: Annotated[str | None, typer.Option(help="Begin with the first row made then or later.")] = None,
    until: Annotated[str | None, typer.Option(help="End before the first row made then or later.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write this file, whole or not at all, instead of stdout.")] = None,
) -> None:
    """A tenant's audit rows with their chain, the oldest first and without a gap.

    A moment is written 2026-01-31 or 2026-01-31T08:00:00+01:00; without an offset it is UTC.
    """
    begin, end = _moment("--since", since), _moment("--until", until)

    async def rows() -> AsyncIterator[RawAuditRow]:
        async with backends() as services:
            links = export_audit_log(services, tenant, after=after, since=begin, until=end, say=to_stderr)
            async for link in links:
                yield link

    if out is None:
        run_async(_write(rows(), sys.stdout, format_))
        return
    with _whole_file(out) as stream:
        count = run_async(_write(rows(), stream, format_))
    to_stderr(f"{out}: {count} rows")


@app.command(epilog="Example: python -m control_plane audit anchor")
def anchor(tenant: AnyTenant = None) -> None:
    """The last seq and hash of each chain, one JSON line per tenant, to be kept where nobody here can write.

    `audit verify --anchor FILE` says later whether the chain still passes through them.
    """

    async def ask() -> ChainHeads:
        async with backends() as services:
            return await anchor_audit_log(services, tenant)

    heads = run_async(ask())
    for each in heads.anchors:
        print(anchor_line(each))
    if heads.tenants_without_head:
        whose = ", ".join(map(str, heads.tenants_without_head))
        raise StateConflict(whose, "no head to anchor; see: python -m control_plane audit verify")


async def _verify(tenant: UUID | None, anchors: Anchors) -> list[Findings]:
    async with backends() as services:
        return await verify_audit_log(services, tenant, anchors, say=to_stderr)


def _lines(found: Findings) -> Iterator[str]:
    if found.intact:
        span = f"rows {found.first} to {found.last}" if found.first > 1 else f"{found.rows} rows"
        anchored = "" if found.anchored is None else f", anchored at row {found.anchored}"
        yield f"{found.tenant_id}: intact: {span}, the last with hash {found.hash}{anchored}"
    for problem in found.problems:
        yield f"{found.tenant_id}: {problem}"
    if found.unlisted:
        yield f"{found.tenant_id}: and {found.unlisted} more problems"


async def _write(rows: AsyncIterator[RawAuditRow], stream: IO[str], format_: Format) -> int:
    """How many rows were written."""
    cells = csv.writer(stream)
    if format_ is Format.CSV:
        cells.writerow(COLUMNS)
    count = 0
    async for link in rows:
        count += 1
        if format_ is Format.CSV:
            cells.writerow(csv_cells(link))
        else:
            stream.write(ndjson_line(link) + "\n")
    return count


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[str]]:
    """A file that appears under its name when all of it is written, readable by its owner alone."""
    if path.exists() and not path.is_file():
        raise InvalidInput("--out", f"{path} is no file; leave --out away to write to stdout")
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", newline="", delete=False
        ) as stream:
            try:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
                Path(stream.name).replace(path)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as exc:
        raise InvalidInput("--out", f"cannot write {path} ({exc.strerror})") from exc


@contextmanager
def _reading(option: str, path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as lines:
            yield lines
    except OSError as exc:
        raise InvalidInput(option, f"cannot read {path} ({exc.strerror})") from exc


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInput(option, "must be a moment such as 2026-01-31 or 2026-01-31T08:00:00+01:00") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
