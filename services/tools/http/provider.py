"""Calls that leave as signed webhooks: one POST, signed by the Standard Webhooks scheme, redirects never followed."""

import asyncio
import binascii
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import BaseModel, Field, SecretStr
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from services.catalog import ListedTool
from services.clock import Clock, utc_now
from services.errors import NotFound, NotReady
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from services.tools.event import event_of
from services.tools.http.connection import READ_AT_MOST, Answer
from services.tools.http.pool import Place, Pool
from services.tools.outgoing import AllowedHosts, Guard
from services.untrusted import excerpt, json_body, one_line, storable_body, texts_in, valid_traceparent

LISTS_WITHIN = timedelta(seconds=10)
LONGEST_RETRY_AFTER = timedelta(hours=24)
USER_AGENT = "agent-control-plane"
KEPT_EACH = 2
"""Connections that may wait for a moment, for each call that may be under way."""

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


class HttpProvider:
    """Tools behind an HTTP endpoint: `config.url` is where, `config.secret` names the signing secret.

    Connections are kept for a moment, each for its own tenant; use it as an async context manager.
    """

    def __init__(
        self,
        secrets: Mapping[str, SecretStr],
        *,
        concurrency: int,
        allowed_hosts: AllowedHosts = AllowedHosts(),  # noqa: B008  # frozen
        clock: Clock = utc_now,
    ) -> None:
        """`concurrency` is how many calls are expected at once; more than these are made all the same."""
        self._webhooks = {name: _signer(secret) for name, secret in secrets.items()}
        self._guard = Guard(allowed_hosts)
        self._concurrency = concurrency
        self._clock = clock
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        self._pool = Pool(self._guard, keep=KEPT_EACH * self._concurrency)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
            await asyncio.sleep(0)  # the event loop takes a turn to close what was closed

    async def execute(self, call: ToolCall) -> Outcome:
        """POST the call once, within `call.timeout`."""
        if self._pool is None:
            return Failed(error="the HTTP provider is not running", retryable=True)
        target = _target(call.tool.config.get("url"))
        if target is None:
            return _final("config.url: the tool needs an http:// or https:// address")
        request = self._request(call, target)
        if isinstance(request, Failed):
            return request
        answer = Answer()
        await self._pool.exchange(target.place(call.tenant_id), request, answer, within=call.timeout)
        return _outcome(call, target.url, answer, now=self._clock())

    async def list_tools(self, source: str) -> list[ListedTool]:
        """What the manifest at this address lists, in the shape that MCP's `tools/list` answers with.

        A tool is called by a POST to its name, relative to the manifest. Raises NotFound for what is no address, and
        NotReady when nobody answers, or not with such a document of at most READ_AT_MOST bytes.
        """
        target = _target(source)
        if target is None or self._pool is None:
            raise NotFound("source", source, f"{source!r} is not an http:// or https:// address of a manifest")
        answer, url = Answer(), target.url
        request = target.request("GET", {"accept-encoding": "identity", "user-agent": USER_AGENT}, b"")
        await self._pool.exchange(target.place(None), request, answer, within=LISTS_WITHIN)
        if answer.refused or answer.problem or answer.status != 200 or not answer.whole:
            why = answer.refused or answer.problem or (
                f"answered {answer.status}" if answer.status != 200 else f"answered more than {READ_AT_MOST:,} bytes"
            )  # fmt: skip
            raise NotReady(one_line(f"source: the manifest at {url.host} cannot be read: {why}"))
        try:
            return [listed(tool, url) for tool in _Manifest.model_validate_json(answer.body).tools]
        except ValueError as exc:
            raise NotReady(f'source: what answers at {url.host} is no manifest: {{"tools": [{{"name": …}}]}}') from exc

    async def health(self, source: str) -> str | None:
        """None when the manifest can be read, else what is wrong."""
        try:
            await self.list_tools(source)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    def _request(self, call: ToolCall, target: "_Target") -> bytes | Failed:
        webhook = self._webhook(call.tool.config.get("secret"))
        if isinstance(webhook, Failed):
            return webhook
        now = self._clock()
        body = json_body(event_of(call, now))
        if body is None:
            return _final("arguments: they cannot be written as JSON")
        envelope_id = str(call.envelope_id)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",  # what we count while reading is what we get
            "user-agent": USER_AGENT,
            "idempotency-key": envelope_id,
            "webhook-id": envelope_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(envelope_id, now, body.decode()),
        }
        if traceparent := valid_traceparent(call.traceparent):
            headers["traceparent"] = traceparent
        return target.request("POST", headers, body)

    def _webhook(self, name: Any) -> Webhook | Failed:
        if not isinstance(name, str):
            return _final("config.secret: the tool must name a secret in ACP_WEBHOOK_SECRETS")
        if name.startswith("whsec_"):  # someone pasted the secret itself: it must not travel on in an error
            return _final("config.secret: give the name of a secret in ACP_WEBHOOK_SECRETS, not the secret")
        if name not in self._webhooks:
            return _final(f"config.secret: ACP_WEBHOOK_SECRETS has no secret named {name!r}")
        webhook = self._webhooks[name]
        if webhook is None:
            return _final(f"ACP_WEBHOOK_SECRETS: the secret named {name!r} is not whsec_ followed by base64")
        return webhook


def _signer(secret: SecretStr) -> Webhook | None:
    try:
        return Webhook(secret.get_secret_value())
    except (binascii.Error, EmptyWebhookSecretError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Target:
    """An address as requests need it."""

    url: httpx.URL
    host: str
    """Without the brackets of an IPv6 address, and in ASCII."""
    port: int
    head: str
    """All of the request's head that follows from the address: its path, its host, its login."""

    def place(self, owner: UUID | None) -> Place:
        return Place(owner, self.url.scheme, self.host, self.port)

    def request(self, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"content-length: {len(body)}\r\n" if body else ""
        return f"{method} {self.head}{lines}{length}\r\n".encode("ascii") + body


def _target(value: Any) -> _Target | None:
    return _parsed(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> _Target | None:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    head = f"{url.raw_path.decode('ascii')} HTTP/1.1\r\nhost: {url.netloc.decode('ascii')}\r\n"
    if url.userinfo:
        login = b64encode(f"{url.username}:{url.password}".encode()).decode()
        head += f"authorization: Basic {login}\r\n"
    return _Target(url, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80), head)


def _outcome(call: ToolCall, url: httpx.URL, answer: Answer, *, now: datetime) -> Outcome:
    """What this exchange means. Pure."""
    where = url.host
    if answer.refused is not None:
        return _final(f"config.url: {answer.refused}")
    if answer.status is None:
        error = one_line(f"{where}: {answer.problem}")
        # Refused, unresolved, no TLS, no free connection: before the first byte left, nothing can have happened.
        return Unknown(error=error) if answer.left else Failed(error=error, retryable=True)
    if not 200 <= answer.status < 300:
        wait = retry_after(answer.headers.get("retry-after"), now)
        return refusal(answer.status, _said(call, url, answer), wait, address="config.url")
    if answer.problem is not None:
        return Unknown(error=one_line(f"{where} answered {answer.status}, then broke off: {answer.problem}"))
    return Success(result=_result(answer))


def refusal(status: int, said: str, retry_after: timedelta | None, *, address: str) -> Outcome:
    """What an HTTP status other than 2xx means; `address` names what holds the address we called.

    A 503 that says when to come back was made by who knows that nothing was done. Without that it may be a proxy's,
    whose upstream died in the middle of the call; so may a 408.
    """
    if status == 409:
        return Conflict(error=said)
    if status in {425, 429} or (status == 503 and retry_after is not None):
        return Failed(error=said, retryable=True, retry_after=retry_after)
    if 300 <= status < 400:
        return _final(f"{said}; redirects are not followed, point {address} at the final address")
    if 400 <= status < 500 and status != 408:
        return Failed(error=said, retryable=False)
    # 408, 5xx: a handler that failed half-way, or a gateway that lost its patience with one that did not, may both have
    # had the effect.
    return Unknown(error=said, retry_after=retry_after)


def _result(answer: Answer) -> Any:
    """We asked for identity; what ignores that is not unpacked."""
    packed = answer.headers.get("content-encoding", "identity") != "identity"
    packed = packed or answer.headers.get("transfer-encoding", "chunked").lower() != "chunked"
    return storable_body(bytes(answer.body), whole=answer.whole and not packed)


def _said(call: ToolCall, url: httpx.URL, answer: Answer) -> str:
    hidden = [*texts_in(call.arguments), url.path, url.query.decode(), url.username, url.password]
    hidden += [value for _, value in url.params.multi_items()]
    said = excerpt(answer.body.decode(errors="replace"), hidden)
    return one_line(f"{url.host} answered {answer.status}" + (f": {said}" if said else ""))


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as an HTTP date; None when absent, past or neither."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=min(float(text), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_RETRY_AFTER) if wait > timedelta(0) else None


class ManifestTool(BaseModel):
    """One tool of a manifest, in MCP's words."""

    name: str
    title: str = ""
    description: str = ""
    schema_: dict[str, Any] = Field(default_factory=dict, alias="inputSchema")
    output_schema: dict[str, Any] = Field(default_factory=dict, alias="outputSchema")
    annotations: dict[str, Any] = Field(default_factory=dict)


class _Manifest(BaseModel):
    tools: list[ManifestTool]


def listed(tool: ManifestTool, manifest: httpx.URL) -> ListedTool:
    return ListedTool(
        name=tool.name, title=tool.title, description=tool.description, schema=tool.schema_,
        output_schema=tool.output_schema, annotations=tool.annotations,
        config={"url": str(manifest.join(quote(tool.name)))},
    )  # fmt: skip


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
