"""`/livez` and `/readyz`: for load balancers and orchestrators; without a token."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.backends import Access

router = APIRouter(tags=["health"])


@router.get("/livez")
async def live() -> dict[str, str]:
    """Always 200: the process runs."""
    return {"status": "live"}


@router.get("/readyz")
async def ready(request: Request) -> dict[str, str]:
    """200 if the database answers, else 503."""
    access: Access = request.app.state.access
    await access.operator.api_tokens.find(UUID(int=0), "0" * 64)
    return {"status": "ready"}
