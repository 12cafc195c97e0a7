"""A stream of notifications: those of one tenant, at most one event a second, and none is missed."""

import asyncio
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import orjson
import psycopg
import pytest
from fastapi import FastAPI, Request

from control_plane.api.app import create_app
from control_plane.apps.autopilot.routes.notifications import stream_notifications
from control_plane.apps.autopilot.store import functions_of, messages
from control_plane.auth import make_local_verifier
from tests.builders import system
from tests.control_plane.api.conftest import KEYS, Api, api
from tests.control_plane.api.served import Event, served, streaming

__all__ = ["api"]  # a fixture

READER = system("autopilot_notifications")
STREAM = "/v1/autopilot/notifications/stream"


class Queue:
    """Messages about clusters of a tenant, as if they had come from the broker."""

    def __init__(self, api: Api, url: str, tenant: UUID) -> None:
        self.functions = functions_of(api.access.operator)
        self.tenant = tenant
        self.sent = 0
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "insert into autopilot.ml_models (organization_id, external_model_id, model_name)"
                " values (%s, 'm', 'M')",
                (tenant,),
            )
            self.clusters = [
                connection.execute(
                    "insert into autopilot.clusters (organization_id, model_id, name) select organization_id, id, %s"
                    " from autopilot.ml_models where organization_id = %s returning id",
                    (name, tenant),
                ).fetchall()[0][0]
                for name in ("Mail", "Network")
            ]

    async def send(self, action: str, cluster: int = 0) -> None:
        self.sent += 1
        message = {
            "type": "cluster_notification", "tenant_id": str(self.tenant), "action": action,
            "cluster_id": str(self.clusters[cluster]),
        }  # fmt: skip
        rows = [{"key": str(self.sent), "message": message}]
        await messages.receive_messages(self.functions, self.tenant, "cluster_notification", rows, actor=READER)


def actions(event: Event) -> list[str]:
    return [item["payload"]["action"] for item in event.data["items"]]


async def test_a_tenant_sees_its_notifications_and_nobody_elses(api: Api, database_url: str) -> None:
    own, other = Queue(api, database_url, api.tenant), Queue(api, database_url, api.other_tenant)
    async with served(api.app) as url, streaming(url, api.as_user().token, path=STREAM) as stream:
        connected = await stream.next()
        await other.send("theirs")
        await own.send("ours")
        event = await stream.next()
    assert (connected.comment, connected.id) == ("connected", "0")
    assert (event.name, event.id, actions(event)) == ("notifications", "1", ["ours"])
    assert event.data["items"][0]["subject_id"] == str(own.clusters[0])


async def test_within_a_second_only_the_newest_state_of_each_subject_is_sent(api: Api, database_url: str) -> None:
    own = Queue(api, database_url, api.tenant)
    pauses: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def pause(seconds: float) -> None:
        assert seconds == 1
        over = asyncio.Event()
        await pauses.put(over)
        await over.wait()

    request = cast("Request", SimpleNamespace(app=api.app))
    functions = functions_of(api.access.operator)
    stream = stream_notifications(request, functions, api.tenant, 0, is_reset=False, pause=pause)
    async with asyncio.timeout(60):
        await anext(stream)
        await own.send("first")
        first = await anext(stream)
        following = asyncio.create_task(anext(stream))
        over = await pauses.get()
        for number in range(300):
            await own.send(f"step_{number}")
        await own.send("other", 1)
        assert not following.done()
        over.set()
        second = await following
    await stream.aclose()
    events = [orjson.loads(chunk.split(b"data: ")[1].split(b"\n")[0])["items"] for chunk in (first, second)]
    assert [[item["payload"]["action"] for item in items] for items in events] == [["first"], ["step_299", "other"]]


async def test_a_stream_goes_on_at_another_replica_without_a_gap(api: Api, database_url: str) -> None:
    own = Queue(api, database_url, api.tenant)
    replica: FastAPI = create_app(api.access, make_local_verifier(KEYS))
    token = api.as_user().token
    async with served(api.app) as url, streaming(url, token, path=STREAM) as stream:
        await stream.next()
        await own.send("seen")
        last = (await stream.next()).id
    await own.send("missed", 1)
    async with served(replica) as url, streaming(url, token, path=STREAM, last=last) as stream:
        assert (await stream.next()).comment == "connected"
        assert actions(await stream.next()) == ["missed"]


@pytest.mark.parametrize("last", ["99", "0"])
async def test_a_position_that_is_gone_says_reset(api: Api, database_url: str, last: str) -> None:
    own = Queue(api, database_url, api.tenant)
    for action in ("one", "two"):
        await own.send(action)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "delete from autopilot.received_messages where organization_id = %s and seq = 1", (api.tenant,)
        )
    async with served(api.app) as url, streaming(url, api.as_user().token, path=STREAM, last=last) as stream:
        event = await stream.next()
    assert (event.name, event.id) == ("reset", "2")


async def test_wrong_positions_and_other_tenants_are_refused(api: Api) -> None:
    user = api.as_user()
    assert (await user.get(STREAM, headers={"Last-Event-ID": "x"})).status_code == 422
    assert (await user.get(STREAM, params={"tenant_id": str(api.other_tenant)})).status_code == 404
    assert (await api.as_nobody().get(STREAM)).status_code == 401
    assert (await api.as_operator().get(STREAM)).status_code == 422


async def test_notifications_are_listed_in_pages(api: Api, database_url: str) -> None:
    own = Queue(api, database_url, api.tenant)
    for action in ("one", "two", "three"):
        await own.send(action)
    path, user = "/v1/autopilot/notifications", api.as_user()
    first = (await user.get(path, params={"limit": 2})).json()
    rest = (await user.get(path, params={"limit": 2, "before": first["next"]})).json()
    assert [item["payload"]["action"] for item in first["items"] + rest["items"]] == ["three", "two", "one"]
    assert rest["next"] is None
    assert (await api.as_user(tenant=api.other_tenant).get(path)).json()["items"] == []
