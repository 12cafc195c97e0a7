"""Calls that leave as signed webhooks: one POST, signed by the Standard Webhooks scheme, redirects never followed."""

import asyncio
import binascii
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field, SecretStr
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from services.clock import Clock, utc_now
from services.errors import NotFound, NotReady
from services.tools import Conflict, Failed, ListedTool, Outcome, Success, ToolCall, Unknown
from services.tools.answers import excerpt, json_body, one_line, storable_body, texts_in, valid_traceparent
from services.tools.event import event_of
from services.tools.outgoing import AllowedHosts, GuardedTransport, Refused

READ_AT_MOST = 1024 * 1024
"""Bytes of an answer we read before we hang up."""
LISTS_WITHIN = timedelta(seconds=10)
LONGEST_RETRY_AFTER = timedelta(hours=24)

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


class HttpProvider:
    """Tools behind an HTTP endpoint: `config.url` is where, `config.secret` names the signing secret.

    One pool of kept-alive connections serves all calls; use it as an async context manager.
    """

    def __init__(
        self,
        secrets: Mapping[str, SecretStr],
        *,
        concurrency: int,
        allowed_hosts: AllowedHosts = AllowedHosts(),  # noqa: B008  # frozen
        clock: Clock = utc_now,
    ) -> None:
        self._secrets = secrets
        self._limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._allowed = allowed_hosts
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        logging.getLogger("httpx").addFilter(_warnings_only)

    async def __aenter__(self) -> Self:
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(self._allowed, limits=self._limits),
            trust_env=False,  # through a proxy nobody here sees where a call goes
            timeout=None,  # noqa: S113  # one deadline covers the whole call, see _exchange
            follow_redirects=False,
            # One client serves every tenant: a cookie set for one must never travel with the call of another.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def execute(self, call: ToolCall) -> Outcome:
        """POST the call once, within `call.timeout`."""
        if self._client is None:
            return Failed(error="the HTTP provider is not running", retryable=True)
        answer = _Answer(url=httpx.URL())
        request = self._request(self._client, call, answer)
        if isinstance(request, Failed):
            return request
        await _exchange(self._client, request, answer, call.timeout)
        return _outcome(call, answer, now=self._clock())

    async def list_tools(self, source: str) -> list[ListedTool]:
        """What the manifest at this address lists, in the shape that MCP's `tools/list` answers with.

        A tool is called by a POST to its name, relative to the manifest. Raises NotFound for what is no address, and
        NotReady when nobody answers, or not with such a document of at most READ_AT_MOST bytes.
        """
        url = _url(source)
        if url is None or self._client is None:
            raise NotFound(f"source: {source!r} is not an http:// or https:// address of a manifest")
        answer = _Answer(url=url)
        request = self._client.build_request("GET", url, headers={"accept-encoding": "identity"})
        await _exchange(self._client, request, answer, LISTS_WITHIN)
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

    def _request(self, client: httpx.AsyncClient, call: ToolCall, answer: "_Answer") -> httpx.Request | Failed:
        url = _url(call.tool.config.get("url"))
        if url is None:
            return _final("config.url: the tool needs an http:// or https:// address")
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
            "user-agent": "agent-control-plane",
            "idempotency-key": envelope_id,
            "webhook-id": envelope_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(envelope_id, now, body.decode()),
        }
        if traceparent := valid_traceparent(call.traceparent):
            headers["traceparent"] = traceparent
        answer.url = url
        # httpcore closes the socket of a TLS handshake that timed out, but not of one that was cancelled: so connecting
        # gives up shortly before the deadline of the whole call would cancel it.
        connect = httpx.Timeout(None, connect=0.9 * call.timeout.total_seconds())
        watch = {"trace": answer.watch}
        return client.build_request("POST", url, content=body, headers=headers, timeout=connect, extensions=watch)

    def _webhook(self, name: Any) -> Webhook | Failed:
        if not isinstance(name, str):
            return _final("config.secret: the tool must name a secret in ACP_WEBHOOK_SECRETS")
        if name.startswith("whsec_"):  # someone pasted the secret itself: it must not travel on in an error
            return _final("config.secret: give the name of a secret in ACP_WEBHOOK_SECRETS, not the secret")
        secret = self._secrets.get(name)
        if secret is None:
            return _final(f"config.secret: ACP_WEBHOOK_SECRETS has no secret named {name!r}")
        try:
            return Webhook(secret.get_secret_value())
        except (binascii.Error, EmptyWebhookSecretError, ValueError):
            return _final(f"ACP_WEBHOOK_SECRETS: the secret named {name!r} is not whsec_ followed by base64")


@dataclass(slots=True)
class _Answer:
    """How far one exchange came."""

    url: httpx.URL
    left: bool = False
    """Whether the request's first byte may have left."""
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    whole: bool = False
    problem: str | None = None
    refused: str | None = None
    """Why we do not go to that address; nothing was sent."""

    async def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow httpcore's progress. The CONNECT that opens a proxy tunnel carries nothing of ours."""
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.left = True


async def _exchange(client: httpx.AsyncClient, request: httpx.Request, answer: _Answer, timeout: timedelta) -> None:  # noqa: ASYNC109
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            response = await client.send(request, stream=True)
            try:
                answer.status, answer.headers = response.status_code, response.headers
                await _read(response, answer)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.ConnectTimeout):
        answer.problem = f"no answer within {timeout.total_seconds():g} s"
    except Refused as exc:
        answer.refused = str(exc)
    except (httpx.RequestError, OSError) as exc:
        answer.problem = f"{type(exc).__name__}: {exc}".removesuffix(": ")


async def _read(response: httpx.Response, answer: _Answer) -> None:
    read = bytearray()
    try:
        async for chunk in response.aiter_raw():
            read += chunk
            if len(read) > READ_AT_MOST:
                return
        answer.whole = True
    finally:
        answer.body = bytes(read[:READ_AT_MOST])


def _outcome(call: ToolCall, answer: _Answer, *, now: datetime) -> Outcome:
    """What this exchange means. Pure."""
    where = answer.url.host
    if answer.refused is not None:
        return _final(f"config.url: {answer.refused}")
    if answer.status is None:
        error = one_line(f"{where}: {answer.problem}")
        # Refused, unresolved, no TLS, no free connection: before the first byte left, nothing can have happened.
        return Unknown(error=error) if answer.left else Failed(error=error, retryable=True)
    if not 200 <= answer.status < 300:
        wait = retry_after(answer.headers.get("retry-after"), now)
        return refusal(answer.status, _said(call, answer), wait, address="config.url")
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


def _result(answer: _Answer) -> Any:
    encoding = answer.headers.get("content-encoding", "identity")
    readable = answer.whole and encoding == "identity"  # we asked for identity; what ignores that is not unpacked
    return storable_body(answer.body, whole=readable)


def _said(call: ToolCall, answer: _Answer) -> str:
    url = answer.url
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


def _url(value: Any) -> httpx.URL | None:
    try:
        url = httpx.URL(value)
    except (httpx.InvalidURL, TypeError):
        return None
    return url if url.scheme in {"http", "https"} and url.host else None


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)


def _warnings_only(record: logging.LogRecord) -> bool:
    """httpx tells of each request with its whole address, which may hold a password or a token."""
    return record.levelno >= logging.WARNING
