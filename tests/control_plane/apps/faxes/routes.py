"""`/v1/faxes`: what was sent to the one machine that still listens."""

import sys

from fastapi import APIRouter

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader

router = APIRouter(prefix="/v1/faxes", route_class=StrictRoute, tags=["faxes"])


@router.get("")
async def list_all(caller: Reader) -> dict[str, str]:
    """All faxes."""
    return {"of": str(caller.tenant_id)}


NOUNS = (sys.modules[__name__],)
