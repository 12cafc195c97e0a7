"""`/livez` and `/readyz`: for load balancers and orchestrators; without a token."""

from fastapi import APIRouter, Request

from services.backends import Access

router = APIRouter(tags=["health"])


@router.get("/livez")
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


@router.get("/readyz")
async def ready(request: Request) -> dict[str, str]:
    """The database answers. 503 if not."""
    access: Access = request.app.state.access
    await access.operator.api_tokens.find("0" * 64)
    return {"status": "ready"}
