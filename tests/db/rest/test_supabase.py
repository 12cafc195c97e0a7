"""Calls of functions over REST: which are sent again, and what each error says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from services.backends.database.transport.functions import FUNCTIONS_DIR, read_declaration
from services.backends.database.transport.supabase import SupabaseFunctions, supabase_functions
from services.database.rest import RestStack
from services.errors import ControlPlaneError, NotMigrated, NotReady

KEY = "sb_secret_abcdefghijklmnop_12345678"


@dataclass(frozen=True)
class Says:
    """One answer of a project."""

    status: int = 200
    body: object = field(default_factory=list)
    """The body: text unchanged, anything else as JSON."""
    retry_after: str | None = None

    def written(self) -> bytes:
        body = (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()
        lines = [f"HTTP/1.1 {self.status} So it is", f"Content-Length: {len(body)}"]
        lines += [f"Retry-After: {self.retry_after}"] if self.retry_after else []
        return "\r\n".join([*lines, "", ""]).encode() + body


HANGS_UP = None
FINE = Says()
UNKNOWN = Says(404, {"code": "PGRST202", "message": "Could not find the function in the schema cache"})


class Project:
    """A server that gives these answers, repeats the last one, and records the headers of the requests."""

    def __init__(self, *answers: Says | None) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        while lines := (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n"):
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            await reader.readexactly(int(headers["content-length"]))
            self.requests.append(headers)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer is None:
                break
            writer.write(answer.written())
        writer.close()


@asynccontextmanager
async def asking(
    project: Project, *, retry_for: timedelta = timedelta(seconds=5), bearer: Callable[[], str] | None = None
) -> AsyncIterator[SupabaseFunctions]:
    """The functions of the project."""
    server = await asyncio.start_server(project.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with supabase_functions(url, KEY, retry_for=retry_for, bearer=bearer) as functions:
        yield functions
    server.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 522, 524, 544])
async def test_a_repeatable_call_is_sent_until_it_is_answered(status: int) -> None:
    project = Project(Says(status), Says(status, retry_after="0"), FINE)
    async with asking(project) as functions:
        assert await functions.call("claim", worker_id="w") == []
    assert len(project.requests) == 3


NAMES = [path.stem for path in (FUNCTIONS_DIR / "worker_api").glob("*.sql")]
ONCE = sorted(name for name in NAMES if not read_declaration(name).is_repeatable)


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("answer", [Says(503), HANGS_UP])
async def test_a_call_that_is_not_repeatable_is_sent_once_and_the_error_asks_to_check(
    answer: Says | None, name: str
) -> None:
    project = Project(answer, FINE)
    async with asking(project) as functions:
        with pytest.raises(NotReady, match="the call may have taken effect: check before you repeat it"):
            await functions.call(name, envelope=uuid4())
    assert len(project.requests) == 1


@pytest.mark.parametrize("code", ["PGRST301", "PGRST303"])
async def test_a_refused_key_is_a_temporary_error_and_not_an_error_of_the_call(code: str) -> None:
    """So a worker keeps its settlements until a person has set another key."""
    async with asking(Project(Says(401, {"code": code, "message": "JWT expired"}))) as functions:
        with pytest.raises(NotReady):
            await functions.call("settle", settlements=[])


@pytest.mark.parametrize("lost", [HANGS_UP, Says(body=""), Says(204, "")])
async def test_a_repeatable_call_with_a_lost_answer_is_sent_again(lost: Says | None) -> None:
    """An answer that is cut off after its headers looks like a success without a body, and leases would be lost."""
    project = Project(lost, lost, Says(body=[1]))
    async with asking(project) as functions:
        assert await functions.call("settle", settlements=[]) == [1]


async def test_a_void_function_may_answer_without_a_body() -> None:
    async with asking(Project(Says(204, ""))) as functions:
        await functions.call("save_tools", tools=[])


async def test_a_retry_after_beyond_the_time_limit_ends_the_call() -> None:
    project = Project(Says(503, retry_after="3600"))
    async with asking(project) as functions:
        with pytest.raises(NotReady, match="SUPABASE_URL: status 503"):
            await functions.call("claim", worker_id="w")
    assert len(project.requests) == 1


async def test_a_call_of_a_function_missing_in_the_schema_cache_is_sent_again() -> None:
    project = Project(UNKNOWN, Says(body={"id": 1}))
    async with asking(project) as functions:
        assert await functions.call("cancel", envelope=uuid4()) == {"id": 1}
    assert len(project.requests) == 2


async def test_the_error_says_that_the_project_is_not_migrated() -> None:
    async with asking(Project(UNKNOWN), retry_for=timedelta(seconds=0.1)) as functions:
        with pytest.raises(NotMigrated):
            await functions.call("claim", worker_id="w")


async def test_the_error_says_that_the_project_is_unreachable() -> None:
    server = await asyncio.start_server(Project(FINE).serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    async with supabase_functions(url, KEY, retry_for=timedelta(seconds=0.1)) as functions:
        with pytest.raises(NotReady, match="SUPABASE_URL: not reachable"):
            await functions.call("cancel", envelope=uuid4())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Says(401, {"message": "Invalid API key", "hint": "…"}), "SUPABASE_SECRET_KEY: the project rejects the key"),
        (Says(401, {"code": "PGRST301", "message": "JWT expired"}), r"rejects the key \(JWT expired\)"),
        (Says(401, {"code": "PGRST303", "message": "JWT expired"}), r"rejects the key \(JWT expired\)"),
        (Says(406, {"code": "PGRST106", "message": "The schema must be one of…"}), "worker_api is not exposed"),
        (Says(404, "<html>"), r"the address is not a Data API \(404"),
        (Says(body="<html>welcome</html>"), "is not from a Data API"),
        (Says(403, {"code": "42501", "message": "permission denied for schema worker_api"}), "has this privilege"),
        (Says(500, {"code": "57014", "message": "canceling statement due to statement timeout"}), "statement timeout"),
    ],
)  # fmt: skip
async def test_a_refusal_is_one_line_with_the_setting_and_the_remedy_and_without_the_key(
    answer: Says, says: str
) -> None:
    project = Project(answer)
    async with asking(project) as functions:
        with pytest.raises(ControlPlaneError, match=says) as refusal:
            await functions.call("claim", worker_id="w")
    assert len(project.requests) == 1
    assert KEY not in str(refusal.value)
    assert "\n" not in str(refusal.value)


async def test_every_call_sends_the_key_and_a_new_bearer_token() -> None:
    project, tokens = Project(FINE), iter(["one", "two"])
    async with asking(project, bearer=lambda: next(tokens)) as functions:
        await functions.call("claim", worker_id="w")
        await functions.call("claim", worker_id="w")
    sent = [(headers["apikey"], headers["authorization"]) for headers in project.requests]
    assert sent == [(KEY, "bearer one"), (KEY, "bearer two")]
    assert {headers["content-profile"] for headers in project.requests} == {"worker_api"}


async def test_a_wrong_key_is_refused_by_the_gateway(rest: RestStack) -> None:
    async with supabase_functions(rest.url, KEY) as functions:
        with pytest.raises(ControlPlaneError, match="SUPABASE_SECRET_KEY: the project rejects the key"):
            await functions.call("list_tenants")


async def test_the_legacy_secret_key_is_accepted_and_the_publishable_key_is_refused(rest: RestStack) -> None:
    for key in (rest.keys.secret, rest.keys.service_role):
        async with supabase_functions(rest.url, key) as functions:
            assert await functions.call("list_tenants") == []
    for key in (rest.keys.publishable, rest.keys.anon):
        async with supabase_functions(rest.url, key) as functions:
            with pytest.raises(ControlPlaneError, match="permission denied"):
                await functions.call("list_tenants")


async def test_a_new_function_can_be_called_right_after_the_reload_notification(
    rest: RestStack, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker_api").mkdir()
    for name in ("list_tenants", "fresh"):
        (tmp_path / "worker_api" / f"{name}.sql").write_text(f"-- call: replica\ncreate function worker_api.{name}()")
    monkeypatch.setattr("services.backends.database.transport.functions.FUNCTIONS_DIR", tmp_path)
    async with supabase_functions(rest.url, rest.keys.secret) as functions:
        await functions.call("list_tenants")
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("create function worker_api.fresh() returns integer language sql as 'select 7'")
            connection.execute("grant execute on function worker_api.fresh() to service_role")
            connection.execute("notify pgrst, 'reload schema'")
        assert await functions.call("fresh") == 7


async def test_an_answer_of_a_function_is_not_limited_to_a_thousand_rows(rest: RestStack, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("insert into public.tenants (name) select 'tenant ' || n from generate_series(1, 1500) as n")
    async with supabase_functions(rest.url, rest.keys.secret) as functions:
        assert len(await functions.call("list_tenants")) == 1500


async def test_a_repeated_request_takes_its_rate_tokens_once(rest: RestStack, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        tenant = connection.execute("insert into public.tenants (name) values ('acme') returning id").fetchall()[0][0]
    asks = [{"tenant_id": tenant, "bucket": "b", "wanted": 3, "capacity": 5, "per_seconds": 3600}]
    first, other = uuid4(), uuid4()
    async with supabase_functions(rest.url, rest.keys.secret) as functions, asyncio.timeout(60):
        answers = [
            await functions.call("take_rate_tokens", ask_id=each, asks=asks) for each in (first, first, other, first)
        ]
    granted = [answer["granted"] for [answer] in answers]
    assert granted == [3, 3, 2, 3]
    assert answers[0] == answers[1] == answers[3]
