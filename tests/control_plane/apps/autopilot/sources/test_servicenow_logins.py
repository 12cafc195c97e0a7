"""A login of ServiceNow goes only to its host, and is never shown."""

from base64 import b64encode

import pytest

from control_plane.apps.autopilot.sources import SourceCode
from tests.control_plane.apps.autopilot.api_server import ApiServer, Reply
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer
from tests.control_plane.apps.autopilot.sources.conftest import Connection, ids_in, read_all
from tests.control_plane.apps.autopilot.sources.servicenow import connection, numbers, refusal, server

__all__ = ["connection", "server"]  # fixtures
OAUTH = {"client_id": ApiServer.CLIENT_ID, "client_secret": ApiServer.CLIENT_SECRET}


@pytest.mark.parametrize("more", [{}, {"refresh_token": ApiServer.REFRESH_TOKEN}])
async def test_an_oauth_client_gets_a_new_token_when_one_expires_during_the_run(
    server: ServiceNowServer, connection: Connection, more: dict[str, str]
) -> None:
    server.faults.extend([None, server.expire_tokens])
    login = {**OAUTH, **more, "token_url": f"{server.url}/oauth_token.do"}
    async with connection.open(login=login) as source:
        assert set(ids_in(await read_all(source))) == numbers(server)
    assert [call.form["grant_type"] for call in server.calls if call.path == "/oauth_token.do"] == [
        "refresh_token" if more else "client_credentials"
    ] * 2


@pytest.mark.parametrize(
    "login",
    [
        {"user": "reader", "password": "wrong-horse"},
        {"token": "old-token-77"},
        {"token": "bad\r\nheader: 77"},
        {**OAUTH, "client_secret": "wrong-secret-77", "token_url": "{url}/oauth_token.do"},
    ],
)
async def test_a_wrong_login_is_refused_and_never_shown(
    server: ServiceNowServer, connection: Connection, login: dict[str, str]
) -> None:
    error = await refusal(connection, login={name: value.format(url=server.url) for name, value in login.items()})
    assert error.code == SourceCode.AUTHENTICATION_FAILED
    assert not any(secret in str(error) for secret in ("wrong-horse", "77"))


async def test_a_token_cannot_add_a_header(server: ServiceNowServer, connection: Connection) -> None:
    await refusal(connection, login={"token": "bad\r\nx-more: 1"})
    assert server.calls == []


async def test_a_client_secret_never_goes_over_plain_http(connection: Connection) -> None:
    error = await refusal(connection, login={**OAUTH, "token_url": "http://login.example/token"})
    assert str(error) == "settings_invalid: token_url of the login: must be https, because the login is sent there"


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (400, "settings_invalid: ServiceNow refuses table or query: bad query by …"),
        (200, "source_unreadable: ServiceNow answers: bad query by …"),
    ],
)
@pytest.mark.parametrize(
    "secret", [ApiServer.PASSWORD, b64encode(f"{ApiServer.USER}:{ApiServer.PASSWORD}".encode()).decode()]
)
async def test_an_error_that_repeats_the_login_is_shown_without_it(
    server: ServiceNowServer, connection: Connection, status: int, problem: str, secret: str
) -> None:
    server.faults.append(lambda _: Reply(status, {"error": {"message": f"bad query by {secret}"}}))
    assert str(await refusal(connection)) == problem


async def test_a_login_goes_only_to_its_host(server: ServiceNowServer, connection: Connection) -> None:
    for url in ("http://127.0.0.1:1", "https://evil.example", f"http://{server.host}@evil.example"):
        assert (await refusal(connection, url=url)).code in {
            SourceCode.AUTHENTICATION_FAILED, SourceCode.SETTINGS_INVALID,
        }  # fmt: skip
    assert server.calls == []


async def test_a_login_never_goes_over_plain_http_unless_the_host_is_allowed(connection: Connection) -> None:
    assert "must be https" in str(await refusal(connection, allowed=()))


async def test_an_address_of_our_network_is_not_called(server: ServiceNowServer, connection: Connection) -> None:
    error = await refusal(connection, url=server.url.replace("http", "https"), allowed=())
    assert (error.code, "ACP_ALLOWED_HOSTS" in error.detail, server.calls) == (SourceCode.SETTINGS_INVALID, True, [])
