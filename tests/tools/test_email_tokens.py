"""Servers that accept no passwords get an access token, which is kept until its end."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.errors import NotReady
from services.tools import Failed, Success
from services.tools.email import OAuthLogin
from services.tools.email.access_tokens import MAX_ANSWER, AccessTokens
from services.tools.email.provider import EmailProvider
from tests.tools.builders import a_call
from tests.tools.identity_server import SECRET, IdentityServer
from tests.tools.smtp import mail_server, settings_for, to_server

MAIL = {"to": ["ann@b.example"], "subject": "Hello", "text": "Hello Ann.\n"}


@pytest.fixture
def identities() -> Iterator[IdentityServer]:
    server = IdentityServer()
    yield server
    server.stop()


@pytest.fixture
def login(identities: IdentityServer) -> OAuthLogin:
    return OAuthLogin.model_validate(identities.login("acp"))


async def test_a_token_is_kept_until_a_minute_before_its_end(login: OAuthLogin) -> None:
    now = 0.0
    tokens = AccessTokens(clock=lambda: now)
    first = await tokens.token_of(login)
    now = 3539
    assert await tokens.token_of(login) == first
    now = 3540
    assert await tokens.token_of(login) != first


async def test_a_replaced_refresh_token_is_told_once_and_not_written_to_the_log(identities: IdentityServer) -> None:
    login = OAuthLogin.model_validate(identities.login("acp", refresh_token="first"))  # noqa: S106  # of the test server
    tokens = AccessTokens()
    with capture_logs() as logs:
        for refresh_token in ("first", "second", "third"):
            answer = {"access_token": "a", "refresh_token": refresh_token}
            identities.answer = 200, json.dumps(answer).encode()
            await tokens.token_of(login)
    assert [(each["event"], each["client_id"]) for each in logs] == [("email.refresh_token_replaced", "acp")]
    assert not any(word in str(logs) for word in ("first", "second", "third"))
    assert {form["refresh_token"] for form in identities.requests} == {"first"}


async def test_a_token_without_an_end_is_used_once(identities: IdentityServer, login: OAuthLogin) -> None:
    tokens = AccessTokens()
    for lasts in (None, "soon", -1, True, [1], 0):
        identities.lasts = lasts
        assert await tokens.token_of(login) != await tokens.token_of(login)


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "%s"}', " answered 400: invalid_grant: …"),
        (400, b"[" * 50_000, " answered 400"),
        (500, b'{"error": ["x"]}', " answered 500"),
        (302, b"", " answered 302"),
        (200, b"<html>", " answered 200"),
        (200, b"{}", ": the answer has no usable access_token"),
        (200, b'{"access_token": "a\\u0001auth=Bearer b"}', ": the answer has no usable access_token"),
        (200, b'{"access_token": 7}', ": the answer has no usable access_token"),
        (200, b" " * (MAX_ANSWER + 1), ": the answer has more than 65,536 bytes"),
    ],
)  # fmt: skip
async def test_an_answer_without_a_token_is_one_line(
    identities: IdentityServer, login: OAuthLogin, status: int, body: bytes, problem: str
) -> None:
    identities.answer = status, body.replace(b"%s", SECRET.encode())
    with pytest.raises(NotReady) as raised:
        await AccessTokens().token_of(login)
    assert str(raised.value) == f"token endpoint 127.0.0.1{problem}"


async def test_an_endpoint_that_is_not_there_is_named(identities: IdentityServer) -> None:
    login = OAuthLogin.model_validate({**identities.login("acp"), "token_url": "http://127.0.0.1:1/t"})
    with pytest.raises(NotReady, match=r"^token endpoint 127\.0\.0\.1: .*connection"):
        await AccessTokens().token_of(login)


async def test_messages_are_sent_with_one_token_until_the_server_refuses_it(
    identities: IdentityServer, authority: Callable[..., Path]
) -> None:
    certificate = authority("127.0.0.1")
    async with mail_server(certificate, login=True) as mailbox:
        mailbox.tokens = identities.users
        server = settings_for(
            mailbox.port, tls="starttls", ca_file=certificate.parent / "authority.pem", user="acp",
            oauth=identities.login("acp"),
        )  # fmt: skip
        async with EmailProvider({"desk": server}) as email:
            outcomes = [await email.execute(a_call(to_server(), arguments=MAIL)) for _ in range(2)]
            assert [type(outcome) for outcome in outcomes] == [Success, Success]
            assert len(identities.requests) == 1
            identities.users.clear()
            assert await email.execute(a_call(to_server(), arguments=MAIL)) == Failed(
                error="SMTP server 'desk' answered 535 to the login: 5.7.8 Authentication credentials invalid",
                retryable=True, held=True, retry_after=timedelta(minutes=15),
            )  # fmt: skip
            assert await email.health("desk") is None
            assert len(identities.requests) == 2


async def test_a_message_waits_while_there_is_no_token(
    identities: IdentityServer, authority: Callable[..., Path]
) -> None:
    identities.answer = 400, b'{"error": "invalid_grant"}'
    certificate = authority("127.0.0.1")
    async with mail_server(certificate, login=True) as mailbox:
        server = settings_for(
            mailbox.port, tls="starttls", ca_file=certificate.parent / "authority.pem", user="acp",
            oauth=identities.login("acp"),
        )  # fmt: skip
        async with EmailProvider({"desk": server}) as email:
            assert await email.execute(a_call(to_server(), arguments=MAIL)) == Failed(
                error="SMTP server 'desk': token endpoint 127.0.0.1 answered 400: invalid_grant",
                retryable=True, held=True, retry_after=timedelta(minutes=5),
            )  # fmt: skip
    assert mailbox.received == []
