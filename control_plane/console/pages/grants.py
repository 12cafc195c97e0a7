"""`/console/grants`: calls that people allow in advance, and which calls a grant has allowed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.console.filters import Chosen
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.schema_form import (
    add_element,
    document_of,
    fields_of,
    number_in,
    remove_element,
    text_in,
    typed_in,
)
from control_plane.console.schema_shape import MISSING, shape_of
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.errors import InvalidInput, NotFound
from services.grants import MAX_GRANT_TIME
from services.guardrails.validate import guardrails_schema
from services.issue_grant import issue_grant
from services.tenants import TenantRole

router = APIRouter(prefix="/grants")
PAGE_SIZE = 50
MAX_LISTED = 1000
"""The newest grants that the service lists; older ones are found by their id."""
MAX_HOURS = MAX_GRANT_TIME // timedelta(hours=1)
CONDITIONS = shape_of(
    {
        "type": "array", "items": {"$ref": "#/$defs/Condition"},
        "description": "A call is allowed only if it has each argument and all conditions hold.",
    },
    guardrails_schema()["$defs"], "Conditions",
)  # fmt: skip


@router.get("")
async def show_list(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, ended: bool = False,
    grant_id: Annotated[Chosen[UUID], Query()] = None,
) -> Response:  # fmt: skip
    """The newest grants of a tenant. With an id, the page of this grant."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Grants")
    tenant = await viewer.known_tenant(tenant_id)
    if grant_id is not None:
        return RedirectResponse(linker(viewer, "grants", tenant)(f"/{grant_id}"), 303)
    grants = await viewer.backends.grants.list_grants(tenant, ended=ended)
    return render(
        request,
        "grants/list.html",
        grants=grants,
        most=MAX_LISTED,
        ended=ended,
        **await _template_values(viewer, tenant),
    )


@router.get("/new")
async def show_form(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """An empty form."""
    return await _render_form(request, viewer, await viewer.known_tenant(tenant_id), {}, {}, template="grants/new.html")


@router.post("/new")
async def issue(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Issue a grant, or add or remove a condition of the form."""
    tenant = viewer.one_tenant(tenant_id)
    typed = typed_in((name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str))
    action, _, name = text_in(typed, "do").partition(":")
    problems: dict[str, str] = {}
    if action == "add":
        add_element(typed, name)
    elif action == "remove":
        remove_element(typed, name)
    elif action == "save":
        try:
            await _issue_from_form(viewer, tenant, typed)
        except InvalidInput as exc:
            problems = {_OURS.get(path, path): problem for path, problem in exc.problems}
        except NotFound as exc:
            problems = {exc.field: str(exc).partition(": ")[2]}
        else:
            return changed("Grant issued.", to=linker(viewer, "grants", tenant)())
    return await _render_form(request, viewer, tenant, typed, problems, template="grants/form.html")


@router.get("/{grant_id}")
async def show_one(
    request: Request, grant_id: UUID, viewer: Viewer, tenant_id: UUID | None = None, after: After = None
) -> Response:
    """One grant and its uses."""
    tenant = await viewer.known_tenant(tenant_id)
    grant = await viewer.backends.grants.get(tenant, grant_id)
    cursors = Cursors("console.grant_uses", tenant, grant_id)
    found = await viewer.backends.grants.list_uses(
        tenant, grant_id, limit=PAGE_SIZE + 1, after=cursors.read(after)
    )  # fmt: skip
    uses, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "grants/one.html", grant=grant, uses=uses, **await _template_values(viewer, tenant),
        next=cursors.write((uses[-1].used_at, uses[-1].envelope_id)) if has_more else None,
    )  # fmt: skip


@router.post("/{grant_id}/revoke")
async def revoke(
    grant_id: UUID, viewer: Viewer, tenant_id: UUID | None = None,
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:  # fmt: skip
    """End a grant now."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.grants.revoke(tenant, grant_id, actor=viewer.actor, reason=reason.strip() or None)
    return changed("Grant revoked.", to=linker(viewer, "grants", tenant)(f"/{grant_id}"))


_OURS = {"expires_in": "hours"}
"""Fields whose name in the use case differs from the name in the form."""


async def _issue_from_form(viewer: Viewer, tenant: UUID, typed: Mapping[str, Any]) -> None:
    conditions = document_of(CONDITIONS, typed.get("arguments"))
    lasts_for = timedelta(hours=max(0.0, min(number_in(typed, "hours"), 10_000.0)))
    try:
        account = UUID(text_in(typed, "account_id")) if text_in(typed, "account_id") else None
    except ValueError as exc:
        raise InvalidInput("account_id", "must be a UUID") from exc
    await issue_grant(
        viewer.backends, tenant, tools=text_in(typed, "tools"), account_id=account,
        arguments=[] if conditions is MISSING else conditions, lasts_for=lasts_for,
        reason=text_in(typed, "reason") or None, actor=viewer.actor,
    )  # fmt: skip


async def _render_form(
    request: Request, viewer: Viewer, tenant: UUID, typed: Mapping[str, Any], problems: dict[str, str], *, template: str
) -> Response:
    tools = await viewer.backends.catalog.list_tools(tenant)
    conditions = fields_of(CONDITIONS, typed.get("arguments"), problems, name="arguments", path="arguments")
    shown = {"tools", "account_id", "hours", "reason", *conditions.paths()}
    return render(
        request, template, typed=typed, problems=problems, conditions=conditions, max_hours=MAX_HOURS,
        others={path: problem for path, problem in problems.items() if path not in shown},
        slugs=sorted({tool.tool_slug for tool in tools}),
        accounts=await viewer.backends.accounts.list_accounts(tenant), **await _template_values(viewer, tenant),
    )  # fmt: skip


async def _template_values(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    may_change = may(viewer, TenantRole.OWNER, TenantRole.REVIEWER)
    return {**await whose(viewer, "grants", tenant), "now": utc_now(), "may_change": may_change}
