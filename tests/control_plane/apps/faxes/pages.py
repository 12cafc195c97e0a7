"""`/console/faxes`: the faxes."""

import sys

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.console.navigation import Entry
from control_plane.console.render import render
from control_plane.console.session import Viewer

router = APIRouter(prefix="/faxes")


@router.get("")
async def show_list(request: Request, viewer: Viewer) -> Response:
    """All faxes."""
    return render(request, "faxes/list.html", count=1 if viewer.tenant_id else 0)


PAGES = (sys.modules[__name__],)
GROUPS = ((Entry("Faxes", "/faxes", "envelopes"),),)
