"""`python -m control_plane audit`: read, verify and export the audit log."""

import csv
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AnyTenant, AsJson, Tenant, backends, parse_time
from control_plane.cli.output import show_json, show_lines
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
    """The format of an export."""

    NDJSON = "ndjson"
    CSV = "csv"


@app.command(epilog="Example: python -m control_plane audit tail --tenant UUID --limit 50")
def tail(
    tenant: Tenant,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")] = 20,
    before: Annotated[int | None, typer.Option(help="List only rows before this seq, for the next page.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the latest audit rows of a tenant, the newest first."""

    async def read() -> list[AuditRow]:
        async with backends() as services:
            return await services.audit_log.tail(tenant, limit=limit, before=before)

    rows = run_async(read())
    if as_json:
        show_json(rows)
        return
    lines = [
        (
            row.seq,
            row.created_at.isoformat(timespec="milliseconds"),
            row.entry.category,
            f"{row.entry.actor.type} {row.entry.actor.id}",
            (json.dumps(row.entry.payload, ensure_ascii=False),),
        )
        for row in rows
    ]
    show_lines(lines, empty="no audit rows")


@app.command("verify", epilog="Example: python -m control_plane audit verify --anchor anchors.jsonl")
def verify_command(
    tenant: AnyTenant = None,
    anchor: Annotated[Path | None, typer.Option(help="File with anchors that `audit anchor` printed.")] = None,
    file: Annotated[Path | None, typer.Option(help="Verify this NDJSON export instead of the database.")] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute every hash, and report each row that was edited, deleted, inserted or reordered.

    Prints one line per intact tenant and one per problem. Exits with 1 if there is a problem. A tenant whose rows
    cannot be read is reported as `unverifiable`, and does not stop the others. Rows may be appended meanwhile.
    """
    anchors: Anchors = {}
    if anchor is not None:
        with _open_file("--anchor", anchor) as lines:
            anchors = read_anchors(lines, str(anchor))
        if not anchors:
            raise InvalidInput(str(anchor), "contains no anchor: create one with: python -m control_plane audit anchor")
    if file is not None:
        with _open_file("--file", file) as lines:
            findings = verify_rows(read_rows(lines, str(file)), tenant, anchors, say=to_stderr)
        if not findings:
            raise NotFound("audit rows", tenant, f"no audit rows{f' of {tenant}' if tenant else ''}", field=str(file))
    else:
        findings = run_async(_verify_chains(tenant, anchors))
    if as_json:
        show_json({"intact": all(chain.intact for chain in findings), "tenants": findings})
    else:
        for line in (line for chain in findings for line in _finding_lines(chain)):
            print(line)
        if not findings:
            print("no audit rows")
    if not all(chain.intact for chain in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: python -m control_plane audit export --tenant UUID --since 2026-01-01 --out audit.ndjson")
def export(
    *,
    tenant: Tenant,
    format_: Annotated[
        Format, typer.Option("--format", help="Format of the export: ndjson, which `audit verify` can read, or csv.")
    ] = (Format.NDJSON),
    after: Annotated[int | None, typer.Option(help="Export only rows after this seq.")] = None,
    since: Annotated[str | None, typer.Option(help="Export only rows at or after this time.")] = None,
    until: Annotated[str | None, typer.Option(help="Export only rows before this time.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file instead of stdout. The file appears only when it is complete."),
    ] = None,
) -> None:
    """Export the audit rows of a tenant with their hashes, the oldest first and without gaps.

    Write a time as 2026-01-31 or 2026-01-31T08:00:00+01:00. Without an offset it is UTC.
    """
    begin, end = parse_time("--since", since), parse_time("--until", until)

    async def rows() -> AsyncIterator[RawAuditRow]:
        async with backends() as services:
            exported = export_audit_log(services, tenant, after=after, since=begin, until=end, say=to_stderr)
            async for row in exported:
                yield row

    if out is None:
        run_async(_write(rows(), sys.stdout, format_))
        return
    with _complete_file(out) as stream:
        count = run_async(_write(rows(), stream, format_))
    to_stderr(f"{out}: {count} rows")


@app.command(epilog="Example: python -m control_plane audit anchor")
def anchor(tenant: AnyTenant = None) -> None:
    """Print the last seq and hash of each chain, one JSON line per tenant.

    Keep the output where the database's owners cannot write. `audit verify --anchor FILE` checks that the chain still
    contains these rows.
    """

    async def read() -> ChainHeads:
        async with backends() as services:
            return await anchor_audit_log(services, tenant)

    heads = run_async(read())
    for anchor in heads.anchors:
        print(anchor_line(anchor))
    if heads.tenants_without_head:
        tenants = ", ".join(map(str, heads.tenants_without_head))
        raise StateConflict(
            tenants, "the record of the last audit row is missing; see: python -m control_plane audit verify"
        )


async def _verify_chains(tenant: UUID | None, anchors: Anchors) -> list[Findings]:
    async with backends() as services:
        return await verify_audit_log(services, tenant, anchors, say=to_stderr)


def _finding_lines(findings: Findings) -> Iterator[str]:
    if findings.intact:
        rows = f"rows {findings.first} to {findings.last}" if findings.first > 1 else f"{findings.rows} rows"
        anchored = "" if findings.anchored is None else f", anchored at row {findings.anchored}"
        yield f"{findings.tenant_id}: intact: {rows}, the last with hash {findings.hash}{anchored}"
    for problem in findings.problems:
        yield f"{findings.tenant_id}: {problem}"
    if findings.unlisted:
        yield f"{findings.tenant_id}: and {findings.unlisted} more problems"


async def _write(rows: AsyncIterator[RawAuditRow], stream: IO[str], format_: Format) -> int:
    """Write the rows, and return their number."""
    csv_writer = csv.writer(stream)
    if format_ is Format.CSV:
        csv_writer.writerow(COLUMNS)
    count = 0
    async for row in rows:
        count += 1
        if format_ is Format.CSV:
            csv_writer.writerow(csv_cells(row))
        else:
            stream.write(ndjson_line(row) + "\n")
    return count


@contextmanager
def _complete_file(path: Path) -> Iterator[IO[str]]:
    """A temporary file that is renamed to `path` when the block has written all of it. Only its owner can read it."""
    if path.exists() and not path.is_file():
        raise InvalidInput("--out", f"{path} is not a file: omit --out to write to stdout")
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
def _open_file(option: str, path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as lines:
            yield lines
    except OSError as exc:
        raise InvalidInput(option, f"cannot read {path} ({exc.strerror})") from exc
