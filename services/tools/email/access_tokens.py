"""Access tokens of OAuth 2.0, with which mailboxes and SMTP servers accept our login (SASL XOAUTH2)."""

import json
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import structlog

from services.errors import NotReady
from services.tools.email import OAuthLogin
from services.tools.outgoing import tls_context
from services.untrusted import excerpt

ANSWER_WITHIN = timedelta(seconds=20)
MAX_ANSWER = 65_536
"""The most bytes of an answer that are read."""
RENEW_BEFORE = timedelta(minutes=1)
"""A token that ends within this time is not used again, because it could end during the login."""

log = structlog.get_logger()
_TOKEN = re.compile(r"[!-~]{1,16384}")
"""The accepted tokens. They have no control characters, because such a character could end the token's field in the
login."""


class AccessTokens:
    """Fetches access tokens, and keeps each until shortly before its end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns a time in seconds, as `time.monotonic` does."""
        self._clock = clock
        self._tokens: dict[OAuthLogin, tuple[str, float]] = {}
        self._warned: set[OAuthLogin] = set()

    async def token_of(self, login: OAuthLogin) -> str:
        """A token that is valid now. Raises NotReady with one line that has no secret."""
        cached = self._tokens.get(login)
        if cached is not None and self._clock() < cached[1]:
            return cached[0]
        answer = await _request_token(login)
        self._warn_if_replaced(login, answer.get("refresh_token"))
        token = answer.get("access_token")
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise NotReady(f"token endpoint {login.host}: the answer has no usable access_token")
        expires_in = answer.get("expires_in")
        seconds = (
            float(expires_in)
            if isinstance(expires_in, int | str) and re.fullmatch(r"\d{1,9}", str(expires_in))
            else 0.0
        )
        self._tokens[login] = token, self._clock() + seconds - RENEW_BEFORE.total_seconds()
        return token

    def _warn_if_replaced(self, login: OAuthLogin, refresh_token: object) -> None:
        """Log once that the settings have an older refresh token than the endpoint, because it may end."""
        ours = login.refresh_token
        if refresh_token is None or ours is None or refresh_token == ours.get_secret_value() or login in self._warned:
            return
        self._warned.add(login)
        log.warning(
            "email.refresh_token_replaced", endpoint=login.host, client_id=login.client_id,
            reason="the endpoint gave a new refresh token, which is not stored; if the one in the settings ends, the"
            " login fails: use client credentials, or replace it in time",
        )  # fmt: skip

    def forget(self, login: OAuthLogin) -> None:
        """Keep the token no longer: a server refused it."""
        self._tokens.pop(login, None)


async def _request_token(login: OAuthLogin) -> dict[str, Any]:
    """The answer of the token endpoint (RFC 6749, sections 4.4 and 6). Raises NotReady."""
    form = {
        "grant_type": "refresh_token" if login.refresh_token else "client_credentials",
        "client_id": login.client_id,
    }
    secrets = {"client_secret": login.client_secret, "refresh_token": login.refresh_token}
    form |= {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
    if login.scope is not None:
        form["scope"] = login.scope
    seconds = ANSWER_WITHIN.total_seconds()
    try:
        async with (
            httpx.AsyncClient(verify=tls_context(), trust_env=False, timeout=seconds) as client,
            client.stream("POST", login.token_url, data=form, headers={"Accept": "application/json"}) as response,
        ):
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > MAX_ANSWER:
                    raise NotReady(f"token endpoint {login.host}: the answer has more than {MAX_ANSWER:,} bytes")
    except (httpx.HTTPError, OSError, ValueError) as exc:
        problem = excerpt(str(exc), form.values()) or type(exc).__name__
        raise NotReady(f"token endpoint {login.host}: {problem}") from exc
    try:
        answer = json.loads(received)
    except (ValueError, RecursionError):
        answer = None
    if response.status_code == 200 and isinstance(answer, dict):
        return answer
    found = answer if isinstance(answer, dict) else {}
    reasons = (found.get("error"), found.get("error_description"))
    problem = excerpt(": ".join(reason for reason in reasons if isinstance(reason, str)), form.values())
    raise NotReady(f"token endpoint {login.host} answered {response.status_code}" + (f": {problem}" if problem else ""))
