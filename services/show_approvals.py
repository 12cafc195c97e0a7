"""List approvals as people may see them: secret arguments redacted, and hidden characters escaped."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.approvals import (
    ALL_APPROVALS,
    Approval,
    ApprovalDecision,
    ApprovalFilter,
    ApprovalOrder,
    ApprovalRecord,
    Reviewer,
)
from services.backends import Backends
from services.catalog import Tool
from services.envelope import Envelope
from services.hidden_characters import escape_hidden, find_hidden
from services.outbox import PageEnd
from services.show_envelopes import find_tools_of, show_arguments, tool_key

FROM_AGENTS = (
    "arguments", "connected_account_id", "external_id", "metadata", "proposed_by", "tool_slug", "trust_context",
)  # fmt: skip
"""The fields of an envelope with text from its agent, shown with hidden characters escaped. Digests cover the original
text."""


async def list_approvals(
    backends: Backends,
    tenant: UUID | None = None,
    *,
    limit: int = 1000,
    order: ApprovalOrder = ApprovalOrder.OLDEST,
    after: PageEnd | None = None,
    matching: ApprovalFilter = ALL_APPROVALS,
) -> list[Approval]:
    """The pending approvals in this order.

    `after` is what `page_end` returns for the last approval of a page. Raises NotFound for an unknown tenant.
    """
    if tenant is not None:
        await backends.tenants.get(tenant)  # raises for an unknown tenant
    pending = await backends.approvals.list_open(tenant, limit=limit, order=order, after=after, matching=matching)
    tools = await find_tools_of(backends, [approval.envelope for approval in pending])
    return [_show_approval(approval, tools.get(tool_key(approval.envelope))) for approval in pending]


async def list_every_approval(
    backends: Backends, tenant: UUID, *, matching: ApprovalFilter = ALL_APPROVALS, page: int = 500
) -> list[Approval]:
    """Same as `list_approvals`, without a limit."""
    found: list[Approval] = []
    while True:
        after = page_end(found[-1]) if found else None
        rows = await list_approvals(backends, tenant, limit=page, after=after, matching=matching)
        found += rows
        if len(rows) < page:
            return found


def page_end(approval: Approval, order: ApprovalOrder = ApprovalOrder.OLDEST) -> PageEnd:
    """The cursor after this approval: the next page begins there."""
    return approval.expires_at if order is ApprovalOrder.EXPIRING else approval.requested_at, approval.id


async def find_approval(backends: Backends, tenant: UUID, envelope: UUID) -> Approval | None:
    """The pending approval of one envelope, shown as `list_approvals` does; None if there is none."""
    pending = await backends.approvals.list_open(tenant, envelope=envelope)
    tools = await find_tools_of(backends, [approval.envelope for approval in pending])
    return next((_show_approval(approval, tools.get(tool_key(approval.envelope))) for approval in pending), None)


async def read_history(backends: Backends, tenant: UUID, envelope: UUID) -> tuple[Envelope, list[ApprovalRecord]]:
    """An envelope and all its approvals, with secrets redacted: what was proposed, decided and is in effect.

    Raises NotFound.
    """
    found = await backends.outbox.get(tenant, envelope)
    records = await backends.approvals.history(tenant, envelope)
    tool = (await find_tools_of(backends, [found])).get(tool_key(found))
    return shown_envelope(found, tool), [
        replace(record, decided_arguments=shown_arguments(record.decided_arguments, tool)) for record in records
    ]


async def list_last_calls(backends: Backends, tenant: UUID, envelope: UUID) -> list[Envelope]:
    """The last ten calls of the tool that this envelope calls, shown as `find_approval` does. Raises NotFound."""
    about = await backends.outbox.get(tenant, envelope)
    found = [
        call for call in await backends.outbox.last_calls(tenant, about.tool_slug, limit=11) if call.id != envelope
    ]
    tools = await find_tools_of(backends, found)
    return [
        replace(shown_envelope(call, tools.get(tool_key(call))), last_error=escape_hidden(call.last_error))
        for call in found[:10]
    ]


async def list_decided(
    backends: Backends,
    tenant: UUID | None,
    *,
    limit: int,
    before: PageEnd | None = None,
    matching: ApprovalFilter = ALL_APPROVALS,
    decided_by: str | None = None,
    decision: ApprovalDecision | None = None,
) -> list[ApprovalRecord]:
    """The decided approvals, the newest decision first, without arguments. For these see `read_history`.

    `before` has the `decided_at` and the id of the last approval on the previous page. Raises NotFound for an unknown
    tenant.
    """
    if tenant is not None:
        await backends.tenants.get(tenant)
    found = await backends.approvals.list_decided(
        tenant, limit=limit, before=before, matching=matching, decided_by=decided_by, decision=decision
    )
    texts = ("tool_slug", "proposed_by", "reason", "decision_reason")
    return [
        replace(record, decided_arguments=None, **{name: escape_hidden(getattr(record, name)) for name in texts})
        for record in found
    ]


def decided_end(approval: ApprovalRecord) -> PageEnd:
    """Same as `page_end`, for `list_decided`."""
    if approval.decided_at is None:
        raise ValueError(f"approval {approval.id} is not decided")
    return approval.decided_at, approval.id


async def read_reviewers(backends: Backends, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
    """How people decided since this moment. Raises NotFound for an unknown tenant."""
    if tenant is not None:
        await backends.tenants.get(tenant)
    return await backends.approvals.reviewers(tenant, decided_after=decided_after)


def shown_envelope(envelope: Envelope, tool: Tool | None) -> Envelope:
    """The envelope, with secrets redacted and hidden characters escaped."""
    return replace(
        envelope,
        **{name: escape_hidden(getattr(envelope, name)) for name in FROM_AGENTS if name != "arguments"},
        arguments=shown_arguments(envelope.arguments, tool),
        proposed_arguments=shown_arguments(envelope.proposed_arguments, tool),
    )


def shown_arguments(arguments: Mapping[str, Any] | None, tool: Tool | None) -> Any:
    """These arguments of a call of this tool, as `shown_envelope` shows them."""
    return None if arguments is None else escape_hidden(show_arguments(arguments, tool), keep_lines=True)


def _show_approval(approval: Approval, tool: Tool | None) -> Approval:
    envelope = approval.envelope
    fields = {name: getattr(envelope, name) for name in FROM_AGENTS} | {"reason": approval.reason}
    return replace(
        approval,
        reason=escape_hidden(approval.reason),
        envelope=shown_envelope(envelope, tool),
        hidden_characters=tuple(
            path for name, value in fields.items() for path in find_hidden(name, value, keep_lines=name == "arguments")
        ),
    )
