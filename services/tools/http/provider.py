"""Calls sent as webhooks: one POST, signed as Standard Webhooks specifies. Redirects are not followed."""

import asyncio
import hmac
import re
import resource
from base64 import b64decode, b64encode
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

from services.catalog import ListedTool, Tool
from services.clock import Clock, utc_now
from services.errors import InvalidInput, NotFound, NotReady
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from services.tools.event import event_body
from services.tools.http.connection import MAX_BODY_BYTES, Exchange
from services.tools.http.events import EventSender
from services.tools.http.pool import Pool, PoolKey
from services.tools.http.raw import fill_url, is_raw, raw_outcome
from services.tools.long_answers import LongAnswers
from services.tools.outgoing import AllowedHosts, Connector
from services.untrusted import excerpt, json_body, one_line, storable_body, texts_in, valid_traceparent

LIST_TIMEOUT = timedelta(seconds=10)
MAX_RETRY_AFTER = timedelta(hours=24)
USER_AGENT = "agent-control-plane"
IDLE_CONNECTIONS_PER_CALL = 8
"""How many idle connections to keep for each concurrent call. More than one, because tenants take turns and never share
connections."""

_SECONDS_PATTERN = re.compile(r"[0-9]+(\.[0-9]+)?")


class HttpProvider:
    """Tools behind an HTTP endpoint: `config.url` is its address, `config.secret` the name of the signing secret.

    An async context manager. Connections are kept for about a second and never shared between tenants.
    """

    def __init__(
        self,
        secrets: Mapping[str, SecretStr],
        *,
        headers: Mapping[str, Mapping[str, SecretStr]] | None = None,
        concurrency: int,
        allowed_hosts: AllowedHosts = AllowedHosts(),  # noqa: B008  # frozen
        events: EventSender = EventSender(),  # noqa: B008  # frozen
        clock: Clock = utc_now,
    ) -> None:
        """`concurrency` is the expected number of concurrent calls; it sets how many idle connections to keep."""
        self._events = events
        self._headers = headers or {}
        self._keys = {name: _signing_key(secret) for name, secret in secrets.items()}
        self._connector = Connector(allowed_hosts)
        self._concurrency = concurrency
        self._clock = clock
        self._pool: Pool | None = None
        self._long_answers = LongAnswers()

    async def __aenter__(self) -> Self:
        self._pool = Pool(self._connector, max_idle=max_idle_connections(self._concurrency))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
            await asyncio.sleep(0)  # let the event loop close the connections

    async def execute(self, call: ToolCall) -> Outcome:
        """POST the call once, within `call.timeout`."""
        if self._pool is None:
            return Failed(error="the HTTP provider is not running", retryable=True)
        is_event = call.tool.subscription_id is not None
        if not is_event and is_raw(call.tool.config):
            try:
                call = fill_url(call)
            except InvalidInput as exc:
                return _permanent_failure(str(exc))
        url = self._events.url(call) if is_event else call.tool.config.get("url")
        if isinstance(url, Failed):
            return url
        target = _parse_target(url)
        if target is None:
            return _permanent_failure("config.url: the tool needs an http:// or https:// address")
        request = self._build_request(call, target)
        if isinstance(request, Failed):
            return request
        exchange = Exchange()
        await self._pool.send_request(target.pool_key(call.tenant_id), request, exchange, within=call.timeout)
        await self._long_answers.wait_for_turn(len(exchange.body))
        outcome = _outcome(call, target.url, exchange, now=self._clock())
        return self._events.outcome(call, outcome) if is_event else raw_outcome(call, outcome)

    async def list_tools(self, source: str) -> list[ListedTool]:
        """The tools in the manifest at the URL `source`. A manifest has the form of MCP's `tools/list` result.

        The URL of a tool is its name relative to the manifest's URL. Raises NotFound when `source` is not a URL,
        NotReady when the manifest cannot be read, is invalid or is larger than MAX_BODY_BYTES.
        """
        target = _parse_target(source)
        if target is None or self._pool is None:
            raise NotFound("source", source, f"{source!r} is not an http:// or https:// address of a manifest")
        exchange, url = Exchange(), target.url
        request = target.request("GET", {"accept-encoding": "identity", "user-agent": USER_AGENT}, b"")
        await self._pool.send_request(target.pool_key(None), request, exchange, within=LIST_TIMEOUT)
        if exchange.not_allowed or exchange.problem or exchange.status != 200 or not exchange.is_whole:
            too_long = f"answered more than {MAX_BODY_BYTES:,} bytes"
            status = f"answered {exchange.status}" if exchange.status != 200 else too_long
            why = exchange.not_allowed or exchange.problem or status
            raise NotReady(one_line(f"source: the manifest at {url.host} cannot be read: {why}"))
        try:
            return [listed_tool(tool, url) for tool in _Manifest.model_validate_json(exchange.body).tools]
        except ValueError as exc:
            raise NotReady(f'source: the answer of {url.host} is not a manifest: {{"tools": [{{"name": …}}]}}') from exc

    async def health(self, source: str) -> str | None:
        """None when the manifest can be read, else one line with the problem."""
        try:
            await self.list_tools(source)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    def _build_request(self, call: ToolCall, target: "_Target") -> bytes | Failed:
        if call.tool.subscription_id is not None:
            return self._build_event_request(call, call.tool.subscription_id, target)
        config, now = call.tool.config, self._clock()
        body = json_body(call.arguments) if is_raw(config) else event_body(call, now)
        if body is None:
            return _permanent_failure("arguments: cannot be written as JSON")
        envelope_id, timestamp = str(call.envelope_id), str(int(now.timestamp()))
        headers = {
            "content-type": "application/json",
            # an uncompressed answer, so that the limits count the bytes of the body itself
            "accept-encoding": "identity",
            "user-agent": USER_AGENT,
            "idempotency-key": envelope_id,
        }
        if traceparent := valid_traceparent(call.traceparent):
            headers["traceparent"] = traceparent
        named = config.get("headers")
        if named is not None and named not in self._headers:
            return _permanent_failure(f"config.headers: ACP_HTTP_HEADERS has no entry named {named!r}")
        headers |= {name: value.get_secret_value() for name, value in self._headers.get(str(named), {}).items()}
        if "secret" in config or not is_raw(config):
            key = self._find_signing_key(config.get("secret"))
            if isinstance(key, Failed):
                return key
            signature = hmac.digest(key, f"{envelope_id}.{timestamp}.".encode() + body, "sha256")
            headers |= {
                "webhook-id": envelope_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{b64encode(signature).decode()}",
            }
        return target.request(str(config.get("method", "POST")), headers, body)

    def _build_event_request(self, call: ToolCall, subscription: UUID, target: "_Target") -> bytes | Failed:
        request = self._events.request(call, subscription, self._clock())
        if isinstance(request, Failed):
            return request
        headers, body = request
        return target.request("POST", {**headers, "accept-encoding": "identity", "user-agent": USER_AGENT}, body)

    def _find_signing_key(self, name: Any) -> bytes | Failed:
        if not isinstance(name, str):
            return _permanent_failure("config.secret: the tool must name a secret in ACP_WEBHOOK_SECRETS")
        if name.startswith("whsec_"):  # someone entered the secret itself: an error must not repeat it
            return _permanent_failure("config.secret: give the name of a secret in ACP_WEBHOOK_SECRETS, not the secret")
        if name not in self._keys:
            return _permanent_failure(f"config.secret: ACP_WEBHOOK_SECRETS has no secret named {name!r}")
        return self._keys[name] or _permanent_failure(
            f"ACP_WEBHOOK_SECRETS: the secret named {name!r} is not whsec_ followed by base64"
        )


def max_idle_connections(concurrency: int) -> int:
    """How many idle connections to keep: at most half of the files that this process may open."""
    open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE_CONNECTIONS_PER_CALL * concurrency
    return wanted if open_files == resource.RLIM_INFINITY else min(wanted, open_files // 2)


def _signing_key(secret: SecretStr) -> bytes | None:
    try:
        # "==" completes missing padding; b64decode ignores padding beyond what it needs
        return b64decode(secret.get_secret_value().removeprefix("whsec_") + "==")
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Target:
    """A parsed URL and what a request to it needs."""

    url: httpx.URL
    host: str
    """In ASCII, an IPv6 address without brackets."""
    port: int
    head: str
    """The end of the request line, the host header and, if the URL has a login, the authorization header."""

    def pool_key(self, owner: UUID | None) -> PoolKey:
        return PoolKey(owner, self.url.scheme, self.host, self.port)

    def request(self, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"content-length: {len(body)}\r\n" if body else ""
        return f"{method} {self.head}{lines}{length}\r\n".encode("ascii") + body


def _parse_target(value: Any) -> _Target | None:
    return _parse_url(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parse_url(text: str) -> _Target | None:
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


def _outcome(call: ToolCall, url: httpx.URL, exchange: Exchange, *, now: datetime) -> Outcome:
    """The outcome of a call after this exchange. Pure."""
    where = url.host
    if exchange.not_allowed is not None:
        return _permanent_failure(f"config.url: {exchange.not_allowed}")
    if exchange.status is None:
        error = one_line(f"{where}: {exchange.problem}")
        # Nothing can have happened before the first byte was sent.
        return Unknown(error=error) if exchange.maybe_sent else Failed(error=error, retryable=True)
    if not 200 <= exchange.status < 300:
        wait = parse_retry_after(exchange.headers.get("retry-after"), now)
        error = _error_message(call, url, exchange)
        return outcome_of_status(exchange.status, error, wait, call.tool, address="config.url")
    if exchange.problem is not None:
        cut_off = f"{where} answered {exchange.status}, but the answer was cut off: {exchange.problem}"
        return Unknown(error=one_line(cut_off))
    return Success(result=_result(exchange))


def outcome_of_status(status: int, error: str, retry_after: timedelta | None, tool: Tool, *, address: str) -> Outcome:
    """The outcome for an HTTP status other than 2xx; `address` names the setting that holds the called URL.

    A 307 or 308 asks for the same request at another address, so the request had no effect here. Any other redirect may
    come after the effect: servers answer a web form with 302 or 303 when they have processed it.

    A 503 with Retry-After comes from a server that knows it did nothing. A 503 without it, or a 408, may come from a
    proxy whose upstream failed during the call.
    """
    if status == 409:
        return Conflict(error=error)
    if status in {425, 429} or (status == 503 and retry_after is not None):
        return Failed(error=error, retryable=True, retry_after=retry_after)
    if 300 <= status < 400:
        error = one_line(f"{error}; redirects are not followed, point {address} at the final address")
        return Failed(error=error, retryable=False, doubtful=status not in {307, 308} and not tool.idempotent)
    if 400 <= status < 500 and status != 408:
        return Failed(error=error, retryable=False)
    # 408, 5xx: the effect may have happened. A handler may have failed half-way, or a gateway timed out while it ran.
    return Unknown(error=error, retry_after=retry_after)


def _result(exchange: Exchange) -> Any:
    """The body to store. We ask for an uncompressed body; a compressed one is stored as a truncation marker."""
    compressed = exchange.headers.get("content-encoding", "identity") != "identity"
    compressed = compressed or exchange.headers.get("transfer-encoding", "chunked").lower() != "chunked"
    result = storable_body(bytes(exchange.body), whole=exchange.is_whole and not compressed)
    return {**result, "reason": exchange.limit} if exchange.limit else result


def _error_message(call: ToolCall, url: httpx.URL, exchange: Exchange) -> str:
    hidden = [*texts_in(call.arguments), url.path, url.query.decode(), url.username, url.password]
    hidden += [value for _, value in url.params.multi_items()]
    error = excerpt(exchange.body.decode(errors="replace"), hidden)
    return one_line(f"{url.host} answered {exchange.status}" + (f": {error}" if error else ""))


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The span that a Retry-After header names, at most MAX_RETRY_AFTER; None when absent, invalid or past."""
    text = (header or "").strip()
    if _SECONDS_PATTERN.fullmatch(text):
        return timedelta(seconds=min(float(text), MAX_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(wait, MAX_RETRY_AFTER) if wait > timedelta(0) else None


class ManifestTool(BaseModel):
    """One tool of a manifest, with the field names of MCP."""

    name: str
    title: str = ""
    description: str = ""
    schema_: dict[str, Any] = Field(default_factory=dict, alias="inputSchema")
    output_schema: dict[str, Any] = Field(default_factory=dict, alias="outputSchema")
    annotations: dict[str, Any] = Field(default_factory=dict)


class _Manifest(BaseModel):
    tools: list[ManifestTool]


def listed_tool(tool: ManifestTool, manifest: httpx.URL) -> ListedTool:
    return ListedTool(
        name=tool.name, title=tool.title, description=tool.description, schema=tool.schema_,
        output_schema=tool.output_schema, annotations=tool.annotations,
        config={"url": str(manifest.join(quote(tool.name)))},
    )  # fmt: skip


def _permanent_failure(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
