"""Requests to the JSON API of a ticket system: the login, repeated tries, and errors in plain words.

Requests use the product's own connections, so a connection's settings cannot make us call an address of our own network
(docs/decisions/017 and 022). Every request only reads, so it may be sent again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from control_plane.apps.autopilot.sources import SourceCode, SourceError
from control_plane.apps.autopilot.sources.logins import Login
from control_plane.apps.autopilot.sources.pages import AnswerTooLarge
from control_plane.apps.autopilot.sources.spec import SourceContext
from services.clock import utc_now
from services.tools.http.connection import Exchange
from services.tools.http.pool import Pool, PoolKey
from services.tools.outgoing import AllowedHosts, Connector
from services.untrusted import excerpt, one_line, parse_quickly

ANSWER_WITHIN = timedelta(seconds=60)
"""How long an answer may take. ServiceNow itself ends a request after 60 s."""
MAX_BODY_BYTES = 8 * 1024 * 1024
"""The largest answer that is read: parsing it takes 0.1 s, in which nothing else runs. A page of 100 usual tickets has
half a megabyte."""
MAX_TRIES = 5
LONGEST_WAIT = timedelta(minutes=2)
"""If a source asks to wait longer, the run ends and may continue later from its cursor."""
USER_AGENT = "agent-control-plane-autopilot"
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200. Header names are in lower case."""

    document: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The API answers 400 or 404: it does not understand the request. `problem` is what it says, on one line."""

    status: int
    problem: str


@asynccontextmanager
async def open_api(base_url: str, context: SourceContext) -> AsyncIterator["Api"]:
    """An API at this address. Raises SourceError if the login may not be sent there."""
    url = _check_url(base_url, context.login, context.allowed_hosts)
    pool = Pool(Connector(context.allowed_hosts), max_idle=1)
    try:
        yield Api(url, context, pool)
    finally:
        pool.close()
        await asyncio.sleep(0)  # let the event loop close the connections


class Api:
    """Sends requests for one connection, one after the other."""

    def __init__(self, base_url: httpx.URL, context: SourceContext, pool: Pool) -> None:
        self._base_url, self._context, self._pool = base_url, context, pool
        self._access_token: str | None = None
        """The token that the OAuth client got last."""
        self._refresh_token = context.login.refresh_token

    async def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Answer:
        """GET this path. Raises SourceError, and Refused if the API does not understand the request."""
        query = "?" + urlencode(parameters, quote_via=quote) if parameters else ""
        return await self._send("GET", path + query, b"")

    async def post(self, path: str, document: Mapping[str, Any]) -> Answer:
        """POST a document that asks for data and changes nothing. Raises like `get`."""
        return await self._send("POST", path, json.dumps(document).encode())

    async def _send(self, method: str, path: str, body: bytes) -> Answer:
        url = self._base_url.join(f"{self._base_url.path.rstrip('/')}{path}")
        exchange = await self._send_with_login(method, url, body)
        if exchange.status == 401 and self._access_token is not None:  # it expired during the run
            self._access_token = None
            exchange = await self._send_with_login(method, url, body)
        return self._read(exchange)

    async def _send_with_login(self, method: str, url: httpx.URL, body: bytes) -> Exchange:
        headers = {"authorization": await self._authorization()} | ({"content-type": _JSON} if body else {})
        return await self._send_until_answered(method, url, headers, body)

    async def _send_until_answered(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes
    ) -> Exchange:
        """The first answer that does not ask to try again. Raises SourceError when there is none."""
        for attempt in range(1, MAX_TRIES + 1):
            exchange = Exchange(max_body_bytes=MAX_BODY_BYTES)
            await self._send_once(method, url, headers, body, exchange)
            if exchange.not_allowed is not None:
                raise SourceError(SourceCode.SETTINGS_INVALID, one_line(exchange.not_allowed))
            has_answer = exchange.status is not None and (exchange.is_whole or exchange.problem is None)
            if has_answer and exchange.status not in _TRY_AGAIN:
                return exchange
            retry_after = _retry_after(exchange.headers.get("retry-after"), utc_now())
            if attempt == MAX_TRIES or (retry_after is not None and retry_after > LONGEST_WAIT):
                break
            wait = timedelta(seconds=2 ** (attempt - 1)) if retry_after is None else retry_after
            await self._context.sleep(wait.total_seconds())
        problem = f"answered {exchange.status}" if has_answer else self.without_secrets(exchange.problem or "no answer")
        raise SourceError(SourceCode.SOURCE_UNAVAILABLE, f"{url.host} {problem}", retry_after=retry_after)

    async def _send_once(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> None:
        lines = {
            "host": url.netloc.decode("ascii"), "accept": _JSON, "accept-encoding": "identity",
            "user-agent": USER_AGENT, **headers,
        }  # fmt: skip
        if body:
            lines["content-length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"{method} {url.raw_path.decode('ascii')} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
        port = url.port or (443 if url.scheme == "https" else 80)
        key = PoolKey(self._context.tenant_id, url.scheme, url.raw_host.decode("ascii"), port)
        await self._pool.send_request(key, request, exchange, within=ANSWER_WITHIN)

    def _read(self, exchange: Exchange) -> Answer:
        """The document of an answer. Raises SourceError and Refused."""
        status, headers = exchange.status, exchange.headers
        host = self._base_url.host
        if status in {400, 404}:
            raise Refused(status, self.without_secrets(_problem_in(bytes(exchange.body))))
        if status == 401:
            raise SourceError(SourceCode.AUTHENTICATION_FAILED, f"{host} does not accept the login (status 401)")
        if status == 403:
            raise SourceError(SourceCode.PERMISSION_DENIED, f"{host} does not let this login read tickets (status 403)")
        if status != 200:
            where = ": the url must be the address of the API itself" if "location" in headers else ""
            raise SourceError(SourceCode.SETTINGS_INVALID, f"{host} answered {status}{where}")
        if not exchange.is_whole:
            raise AnswerTooLarge(SourceCode.SOURCE_UNREADABLE, f"{host} sent more than {MAX_BODY_BYTES:,} bytes")
        if "html" in headers.get("content-type", "").lower() or exchange.body.lstrip()[:1] == b"<":
            raise _web_page_error(host, bytes(exchange.body))
        try:
            document = _parse(bytes(exchange.body))
        except (ValueError, RecursionError):
            raise SourceError(SourceCode.SOURCE_UNREADABLE, f"the answer of {host} is not JSON") from None
        if not isinstance(document, dict):
            raise SourceError(SourceCode.SOURCE_UNREADABLE, f"the answer of {host} is not a JSON object")
        return Answer(document, headers)

    async def _authorization(self) -> str:
        login = self._context.login
        if login.basic is not None:
            return f"Basic {login.basic}"
        if login.token is not None:
            return f"Bearer {_header_value(login.token.get_secret_value())}"
        if self._access_token is None:
            self._access_token = await self._get_access_token()
        return f"Bearer {self._access_token}"

    async def _get_access_token(self) -> str:
        """A new access token. Raises SourceError."""
        login = self._context.login
        if login.token_url is None or login.client_secret is None:
            raise SourceError(SourceCode.AUTHENTICATION_FAILED, "the login of this connection is only a folder")
        form = {
            "grant_type": "client_credentials", "client_id": login.client_id,
            "client_secret": login.client_secret.get_secret_value(), "scope": login.scope,
        }  # fmt: skip
        if self._refresh_token is not None:
            form |= {"grant_type": "refresh_token", "refresh_token": self._refresh_token.get_secret_value()}
        body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
        try:
            url = httpx.URL(login.token_url)
        except httpx.InvalidURL:
            raise SourceError(SourceCode.SETTINGS_INVALID, "token_url of the login: is no address") from None
        _check_https("token_url of the login", url, self._context.allowed_hosts)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        exchange = await self._send_until_answered("POST", url, headers, body)
        try:
            document = _parse(bytes(exchange.body)) if exchange.status == 200 else {}
        except (ValueError, RecursionError):
            document = {}
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str):
            raise SourceError(
                SourceCode.AUTHENTICATION_FAILED, f"{url.host} gives no access token (status {exchange.status})"
            )
        return _header_value(token)

    def without_secrets(self, text: str) -> str:
        """The text on one line, without our secrets."""
        return excerpt(text, [*self._context.login.secrets, *([self._access_token] if self._access_token else [])])


def _check_url(base_url: str, login: Login, allowed: AllowedHosts) -> httpx.URL:
    """The address of the API. Raises SourceError unless it is https (or an allowed host) and the host of the login."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise SourceError(SourceCode.SETTINGS_INVALID, "settings.url: must be an https URL without login and query")
    port = _check_https("settings.url", url, allowed)
    if (login.host or "").lower() not in {url.netloc.decode("ascii").lower(), f"{url.host}:{port}"}:
        raise SourceError(
            SourceCode.AUTHENTICATION_FAILED, f"settings.url: the login of this connection is not for {url.host}"
        )
    return url


def _check_https(name: str, url: httpx.URL, allowed: AllowedHosts) -> int:
    """The port of an address to which secrets are sent. Raises SourceError unless it is https or an allowed host."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if url.scheme != "https" and (url.host, port, None) not in allowed:
        raise SourceError(SourceCode.SETTINGS_INVALID, f"{name}: must be https, because the login is sent there")
    return port


def _header_value(token: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise SourceError(SourceCode.AUTHENTICATION_FAILED, "the token has characters that no header can have")
    return token


def _web_page_error(host: str, body: bytes) -> SourceError:
    """The error to raise for an HTML page in place of JSON."""
    if b"hibernat" in body[:65_536].lower():
        return SourceError(SourceCode.SOURCE_UNAVAILABLE, f"the instance {host} hibernates; wake it up")
    return SourceError(
        SourceCode.AUTHENTICATION_FAILED, f"{host} answered with a web page, such as a login page, instead of JSON"
    )


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long the header Retry-After asks to wait: seconds or a date. None without a readable header. Pure."""
    if value is None:
        return None
    try:
        if value.strip().isdecimal():
            return timedelta(seconds=int(value))
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)


def _problem_in(body: bytes) -> str:
    """The message of an error, in the forms of ServiceNow and Jira; else the beginning of the body."""
    try:
        document = _parse(body[:65_536])
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        error = document.get("error")
        if isinstance(error, dict):
            return ": ".join(str(error[name]) for name in ("message", "detail") if error.get(name))
        if isinstance(document.get("errorMessages"), list):
            return "; ".join(map(str, document["errorMessages"]))
    return body[:500].decode(errors="replace")


def _parse(body: bytes) -> Any:
    try:
        return parse_quickly(body)
    except ValueError:  # long integers and lone surrogates, which only the module json reads
        return json.loads(body)
