"""`/console/approvals/bulk`: several calls, shown as a whole with their digests, and one decision about all of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.problems import describe_error
from control_plane.console.arguments import list_arguments
from control_plane.console.pages.approval import CODES
from control_plane.console.render import render
from control_plane.console.session import Viewer
from services.approvals import ApprovalDecision, RejectionCode
from services.decide_approval import decide_across_tenants
from services.envelope import Envelope
from services.errors import InvalidInput
from services.review_approval import accounts_of
from services.show_approvals import find_approval
from services.show_envelopes import find_tools_of, tool_key

router = APIRouter(prefix="/approvals/bulk")
MAX_CALLS = 50
Calls = Annotated[list[str], Query(max_length=MAX_CALLS)]


@router.get("")
async def show_preview(request: Request, viewer: Viewer, call: Calls, decision: ApprovalDecision) -> Response:
    """The chosen calls as they are now, each with its digest."""
    keys = [(viewer.one_tenant(tenant), envelope) for tenant, envelope, _ in map(_read_call, call)]
    pending = [(key, await find_approval(viewer.backends, *key)) for key in dict.fromkeys(keys)]
    chosen = [approval for _, approval in pending if approval is not None]
    tools = await find_tools_of(viewer.backends, [approval.envelope for approval in chosen])
    arguments = {}
    for approval in chosen:
        tool = tools.get(tool_key(approval.envelope))
        arguments[approval.id] = list_arguments({} if tool is None else tool.schema, approval.envelope.arguments)
    return render(
        request, "approvals/bulk.html", chosen=chosen, arguments=arguments, decision=decision, codes=CODES,
        accounts=await accounts_of(viewer.backends, chosen),
        gone=[envelope for (_, envelope), approval in pending if approval is None],
    )  # fmt: skip


@router.post("")
async def decide(
    request: Request,
    viewer: Viewer,
    call: Annotated[list[str], Form(max_length=MAX_CALLS)],
    decision: Annotated[ApprovalDecision, Form()],
    code: Annotated[RejectionCode | None, Form()] = None,
    reason: Annotated[str, Form(max_length=4000)] = "",
    shown_whole: Annotated[bool, Form()] = False,
) -> Response:
    """Decide each call as it was shown, and name what was skipped."""
    calls = [(viewer.one_tenant(tenant), envelope, digest) for tenant, envelope, digest in map(_read_call, call)]
    results = await decide_across_tenants(
        viewer.backends, calls, decision=decision, reason=reason.strip() or None, actor=viewer.actor, code=code,
        shown_whole=shown_whole,
    )  # fmt: skip
    return render(
        request, "approvals/bulk_result.html", decision=decision,
        decided=[result for _, result in results if isinstance(result, Envelope)],
        skipped=[(id_, describe_error(result)) for id_, result in results if not isinstance(result, Envelope)],
    )  # fmt: skip


def _read_call(text: str) -> tuple[UUID, UUID, str]:
    """Split `tenant~envelope~digest`. The list sends no digest, so it may be empty. Raises InvalidInput."""
    try:
        tenant, envelope, digest = f"{text}~".split("~")[:3]
        return UUID(tenant), UUID(envelope), digest
    except ValueError as exc:
        raise InvalidInput("call", "is not a tenant and an envelope; choose the calls in the list again") from exc
