"""The side navigation: the pages and their order. The pages of applications come after the first group."""

from dataclasses import dataclass

from control_plane.api.identity import Principal
from control_plane.apps import offered
from control_plane.console.paths import ROOT


@dataclass(frozen=True, slots=True)
class Entry:
    """One link."""

    name: str
    path: str
    icon: str
    for_operators: bool = False

    @property
    def url(self) -> str:
        return f"{ROOT}{self.path}"


GROUPS: tuple[tuple[Entry, ...], ...] = (
    (
        Entry("Overview", "/overview", "overview"),
        Entry("Approvals", "/approvals", "approvals"),
        Entry("Envelopes", "/envelopes", "envelopes"),
        Entry("Dead letters", "/dead-letters", "dead-letters"),
        Entry("Audit", "/audit", "audit"),
    ),
    (
        Entry("Catalog", "/catalog", "catalog"),
        Entry("Guardrails", "/guardrails", "guardrails"),
        Entry("Grants", "/grants", "grants"),
        Entry("Accounts", "/accounts", "accounts"),
        Entry("Evidence", "/evidence", "evidence"),
        Entry("Subscriptions", "/subscriptions", "subscriptions"),
    ),
    (
        Entry("Jobs", "/jobs", "jobs", for_operators=True),
        Entry("Tenants", "/tenants", "tenants"),
        Entry("Tokens", "/tokens", "tokens"),
    ),
)


def navigation(viewer: Principal | None) -> list[list[Entry]]:
    """The links for this person, of pages that exist."""
    from control_plane.console.pages import PAGES  # noqa: PLC0415  # pages render, and so import this module

    if viewer is None:
        return []
    there = {page.router.prefix for page in PAGES}
    is_operator = viewer.tenant_id is None
    shown = [[entry for entry in group if entry.path in there] for group in GROUPS]
    shown[1:1] = [list(group) for group in offered("pages", "GROUPS")]
    return [[entry for entry in group if is_operator or not entry.for_operators] for group in shown if group]
