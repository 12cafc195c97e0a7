"""The demo's one screen."""

from rich import box
from rich.console import Console
from rich.table import Table

from control_plane.demo.run import Report
from control_plane.demo.story import ENDINGS


def show_report(report: Report) -> None:
    """Endings per tenant, the ends of both audit chains, and where to go from here."""
    console = Console(highlight=False)
    table = Table("what became of them", *[tenant.name for tenant in report.tenants], title="Envelopes of this run")
    for column in table.columns[1:]:
        column.justify = "right"
    for ending in sorted({*ENDINGS, *(name for _, name in report.endings)}, key=_place):
        table.add_row(ending, *[str(report.endings[tenant.id, ending] or "–") for tenant in report.tenants])
    table.add_section()
    table.add_row("all", *[str(_sum(report, tenant.id)) for tenant in report.tenants])
    console.print(table)

    console.print(
        f"The webhooks' receiver saw {report.keys} idempotency keys, {report.keys_again} of them again (the retries).\n"
    )
    for tenant in report.tenants:
        trail = Table("seq", "the audit chain ends with", "envelope", "hash", box=box.SIMPLE_HEAD, title=tenant.name)
        for row in report.audit:
            if row.entry.tenant_id == tenant.id:
                trail.add_row(
                    str(row.seq),
                    row.entry.category,
                    str(row.entry.payload.get("external_id", "")),
                    f"{row.previous_hash[:8]} → {row.hash[:8]}",
                )
        console.print(trail)
    console.print("Next: python -m worker.outbox status · python -m control_plane approvals list")


def _place(ending: str) -> int:
    return ENDINGS.index(ending) if ending in ENDINGS else len(ENDINGS)


def _sum(report: Report, tenant: object) -> int:
    return sum(count for (of, _), count in report.endings.items() if of == tenant)
