"""Print the result of the demo."""

from rich import box
from rich.console import Console
from rich.table import Table

from control_plane.demo.proposals import END_STATES
from control_plane.demo.run import DemoResult


def print_result(result: DemoResult) -> None:
    """Print the end states by tenant, the last rows of the audit chains, and the commands to try next."""
    console = Console(highlight=False)
    table = Table("end state", *[tenant.name for tenant in result.tenants], title="Envelopes of this run")
    for column in table.columns[1:]:
        column.justify = "right"
    for end_state in sorted({*END_STATES, *(name for _, name in result.end_states)}, key=_sort_position):
        table.add_row(end_state, *[str(result.end_states[tenant.id, end_state] or "–") for tenant in result.tenants])
    table.add_section()
    table.add_row("all", *[str(_sum(result, tenant.id)) for tenant in result.tenants])
    console.print(table)

    console.print(
        f"The receiver of the webhooks got {result.keys} idempotency keys,"
        f" {result.repeated_keys} of them more than once (retries).\n"
    )
    for tenant in result.tenants:
        audit_table = Table("seq", "last audit rows", "envelope", "hash", box=box.SIMPLE_HEAD, title=tenant.name)
        for row in result.audit:
            if row.entry.tenant_id == tenant.id:
                audit_table.add_row(
                    str(row.seq),
                    row.entry.category,
                    str(row.entry.payload.get("external_id", "")),
                    f"{row.previous_hash[:8]} → {row.hash[:8]}",
                )
        console.print(audit_table)
    console.print("Next: python -m worker.outbox status · python -m control_plane approvals list")


def _sort_position(end_state: str) -> int:
    return END_STATES.index(end_state) if end_state in END_STATES else len(END_STATES)


def _sum(result: DemoResult, tenant: object) -> int:
    return sum(count for (counted, _), count in result.end_states.items() if counted == tenant)
