"""A local server that speaks the wire format of Supabase Auth: tokens for a password, renewals, and sign-outs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from tests.control_plane.api.conftest import jwt
from tests.control_plane.api.served import served

PUBLISHABLE_KEY = "sb_publishable_local"
EMAIL, PASSWORD = "olga@acme.test", "correct horse"


@dataclass
class Gotrue:
    """What it knows. A refresh token is good once."""

    claims: dict[str, Any]
    url: str = ""
    lives_for: int = 3600
    is_away: bool = False
    refresh_tokens: set[str] = field(default_factory=set)
    renewals: int = 0

    def _issue(self) -> JSONResponse:
        refresh = f"refresh-{len(self.refresh_tokens)}-{self.renewals}"
        self.refresh_tokens.add(refresh)
        now = int(time.time())
        access = jwt(**self.claims, exp=now + self.lives_for)
        return JSONResponse(
            {
                "access_token": access, "token_type": "bearer", "expires_in": self.lives_for,
                "expires_at": now + self.lives_for, "refresh_token": refresh, "user": {"email": EMAIL},
            }
        )  # fmt: skip

    async def token(self, request: Request) -> Response:
        """`POST /auth/v1/token`."""
        if request.headers.get("apikey") != PUBLISHABLE_KEY:
            return JSONResponse({"message": "No API key found in request"}, 401)
        if self.is_away:
            return JSONResponse({"code": 500, "msg": "Internal Server Error"}, 500)
        body = await request.json()
        if request.query_params["grant_type"] == "password":
            if body == {"email": EMAIL, "password": PASSWORD}:
                return self._issue()
            return _refuse("invalid_credentials", "Invalid login credentials")
        if body["refresh_token"] not in self.refresh_tokens:
            return _refuse("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        self.refresh_tokens.remove(body["refresh_token"])
        self.renewals += 1
        return self._issue()

    async def logout(self, request: Request) -> Response:
        """`POST /auth/v1/logout`."""
        assert request.headers["authorization"].startswith("Bearer ey")
        self.refresh_tokens.clear()
        return Response(status_code=204)


def _refuse(code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": 400, "error_code": code, "msg": message}, 400)


@asynccontextmanager
async def gotrue(**claims: Any) -> AsyncIterator[Gotrue]:
    """One that issues tokens with these claims."""
    server = Gotrue(claims)
    app = FastAPI()
    app.state.feed = SimpleNamespace(close=lambda: None)
    app.add_api_route("/auth/v1/token", server.token, methods=["POST"], response_model=None)
    app.add_api_route("/auth/v1/logout", server.logout, methods=["POST"], response_model=None)
    async with served(app) as url:
        server.url = url
        yield server
