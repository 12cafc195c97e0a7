"""`/console/accounts`: the logins that tools use, and their health."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from control_plane.api.tools import RunningTools
from control_plane.console.filters import Chosen
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import OperatorViewer, Viewer
from services.accounts import AccountStatus
from services.check_account import check_account
from services.clock import utc_now
from services.errors import InvalidInput
from services.link_account import find_account, link_account, set_account_status
from services.tenants import TenantRole

router = APIRouter(prefix="/accounts")


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The accounts of a tenant."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Accounts")
    tenant = await viewer.known_tenant(tenant_id)
    accounts = await viewer.backends.accounts.list_accounts(tenant)
    return render(request, "accounts/list.html", accounts=accounts, **await _template_values(viewer, tenant))


@router.get("/{account_id}")
async def show_one(request: Request, account_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One account."""
    tenant = await viewer.known_tenant(tenant_id)
    account = await find_account(viewer.backends, tenant, account_id)
    return render(request, "accounts/one.html", account=account, **await _template_values(viewer, tenant))


@router.post("/link")
async def link(
    viewer: Viewer,
    tenant_id: UUID | None = None,
    provider: Annotated[str, Form(max_length=255)] = "",
    scopes: Annotated[str, Form(max_length=20_000)] = "",
    expires_at: Annotated[Chosen[AwareDatetime], Form()] = None,
    login_id: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Link an account. Envelopes that waited for one are judged again."""
    if not provider.strip():
        raise InvalidInput("provider", "name the toolkit that uses the account, such as slack")
    tenant = viewer.one_tenant(tenant_id)
    account = await link_account(
        viewer.backends, tenant, provider.strip(), scopes=scopes.replace(",", " ").split(), expires_at=expires_at,
        login_id=login_id.strip() or None, actor=viewer.actor,
    )  # fmt: skip
    return changed("Account linked.", to=linker(viewer, "accounts", tenant)(f"/{account.id}"))


@router.post("/{account_id}/revoke")
async def revoke(account_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """End the use of an account for good. Its envelopes are denied."""
    tenant = viewer.one_tenant(tenant_id)
    await set_account_status(viewer.backends, tenant, account_id, AccountStatus.REVOKED, actor=viewer.actor)
    return changed("Account revoked.")


@router.post("/{account_id}/check")
async def check(account_id: UUID, viewer: OperatorViewer, tools: RunningTools, tenant_id: UUID) -> Response:
    """Ask the provider for the health of the account now."""
    account = await find_account(viewer.backends, tenant_id, account_id)
    is_changed = await check_account(viewer.backends, tools, account, now=utc_now(), actor=viewer.actor)
    return changed("The status has changed." if is_changed else f"Still {account.status}.")


async def _template_values(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    return {**await whose(viewer, "accounts", tenant), "may_change": may(viewer, TenantRole.OWNER)}
