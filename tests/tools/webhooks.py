"""Calls of the provider `http`, and the secrets with which its tests sign."""

from typing import Any

from pydantic import SecretStr

from services.tools import Outcome
from services.tools.http.provider import HttpProvider
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import HttpServer, answer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the example from the Standard Webhooks text

SECRETS = {"crm": SecretStr(SECRET), "broken": SecretStr("whsec_x"), "empty": SecretStr("whsec_")}

HERE = AllowedHosts(("127.0.0.1",))


def a_webhook(url: str, **config: Any) -> Any:
    return a_tool(config={"url": url, "secret": "crm"} | config)


async def answered_with(http: HttpProvider, server: HttpServer, status: int, **more: Any) -> Outcome:
    server.behave = answer(status, **more)
    return await http.execute(a_call(a_webhook(server.url)))
