"""`python -m control_plane rca import`, `export`, `sets`, `terms`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from control_plane.apps.rca.export_metadata import export_metadata
from control_plane.apps.rca.import_metadata import import_metadata
from control_plane.apps.rca.store import functions_of, metadata
from control_plane.apps.rca.store.metadata import StoredFiles
from control_plane.apps.rca.values import ImportReport, MetadataSet, Place, Term
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import printable, run_async

app = typer.Typer()
SetName = Annotated[str, typer.Argument(help="Name of the set, as `sets` shows it.")]
SHOWN_KEYS = 10


@app.command(
    "import", epilog="Example: python -m control_plane rca import metadata --tenant UUID --set loans --dry-run"
)
def import_folder(
    folder: Annotated[Path, typer.Argument(help="The folder with the JSON files.")],
    tenant: Tenant,
    *,
    set_name: Annotated[
        str | None, typer.Option("--set", help="Name of the set; by default, the name of the folder.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; store nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Store nothing if an item is rejected.")] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Store the metadata files of a folder as a set, or as the next version of a set."""

    async def change() -> ImportReport:
        async with backends() as services:
            return await import_metadata(
                services, tenant, set_name or folder.resolve().name, folder, is_strict=strict, is_dry_run=dry_run,
                actor=operator(by),
            )  # fmt: skip

    report = run_async(change())
    if as_json:
        show_json(report)
        return
    print(_summary(report))
    if report.stored.is_changed:
        show_lines([(kind, count) for kind, count in sorted(report.counts.items())], empty="no rows")
        if report.stored.version > (0 if dry_run else 1):  # of a new set, every row is added
            for word in ("added", "removed", "changed"):
                _show_keys(word, getattr(report.stored, word))
        _show_keys("derived", report.derived)
        _show_places("notes", report.notes)
    _show_places("rejected", report.rejected)


@app.command("export", epilog="Example: python -m control_plane rca export loans copy --tenant UUID")
def export_folder(
    set_name: SetName,
    folder: Annotated[Path, typer.Argument(help="The folder to write into.")],
    tenant: Tenant,
    version: Annotated[int | None, typer.Option(help="This version; by default, the newest.")] = None,
) -> None:
    """Write the files of a set into a folder, exactly as they were imported."""

    async def read() -> StoredFiles:
        async with backends() as services:
            return await export_metadata(services, tenant, set_name, folder, version=version)

    stored = run_async(read())
    print(f"wrote {len(stored.files)} files of version {stored.version} to {folder}")


@app.command("sets", epilog="Example: python -m control_plane rca sets --tenant UUID")
def list_sets(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the sets of metadata, by name."""

    async def read() -> list[MetadataSet]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await metadata.list_sets(functions_of(services), tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            (each.name, f"version {each.version}", f"{sum(each.counts.values())} rows", f"by {each.imported_by}")
            for each in found
        ],
        empty="no sets",
    )


@app.command("terms", epilog="Example: python -m control_plane rca terms loans 'outstanding balance' --tenant UUID")
def search_terms(
    set_name: SetName,
    query: Annotated[str, typer.Argument(help="Words that the term has in its name, aliases or definition.")],
    tenant: Tenant,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Show at most this many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Search the terms of a set, the best first."""

    async def read() -> list[Term]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await metadata.search_terms(functions_of(services), tenant, set_name, query, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines([(each.term, (each.definition or "",)) for each in found], empty="no terms")


def _summary(report: ImportReport) -> str:
    stored = report.stored
    if not stored.is_changed:
        return f"set {report.set_name}: unchanged, version {stored.version}"
    sizes = f"{len(stored.added)} added, {len(stored.changed)} changed, {len(stored.removed)} removed"
    if report.is_dry_run:
        return f"set {report.set_name}: would become version {stored.version + 1}: {sizes}"
    return f"set {report.set_name}: stored as version {stored.version}: {sizes}"


def _show_keys(word: str, keys: list[str]) -> None:
    if keys:
        print(f"{word}:")
        for key in keys[:SHOWN_KEYS]:
            print(f"    {printable(key)}")
        if len(keys) > SHOWN_KEYS:
            print(f"    and {len(keys) - SHOWN_KEYS} more; --json shows all")


def _show_places(word: str, places: Iterable[Place]) -> None:
    lines = [f"    {each.file} {each.path}".rstrip() + f": {each.text}" for each in places]
    if lines:
        print(f"{word}:", *map(printable, lines), sep="\n")
