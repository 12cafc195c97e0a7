"""A worker is killed while a server has its message and has not answered: it is unknown, and not sent again."""

import json
import signal

from tests.faults.process import a_worker, work_once
from tests.tools.smtp import FROM, HANG, READY, scripted_server
from tests.worker.world import ONCE, World

MAIL = {"to": ["ann@b.example"], "subject": "Hello", "text": "Hello Ann."}


async def test_a_message_whose_worker_was_killed_is_unknown_and_never_sent_twice(world: World) -> None:
    async with scripted_server([*READY, HANG]) as server:
        servers = {"desk": {"host": "127.0.0.1", "port": server.port, "tls": "none", "from": FROM}}
        settings = {"ACP_SMTP_SERVERS": json.dumps(servers)}
        tenant = await world.add_tenant(provider="email", idempotent=False, config={"server": "desk"})
        (mail,) = await world.propose(tenant, slug=ONCE, arguments=MAIL)
        async with a_worker(world.url, **settings) as worker:
            await server.arrived.wait()
            worker.send(signal.SIGKILL)
            assert await worker.ended() == -signal.SIGKILL
        world.expire_leases()
        await work_once(world.url, **settings)
        await work_once(world.url, **settings)
        assert await world.states(mail) == [("unknown", 1)]
        assert (server.connections, len(server.messages)) == (1, 1)
        assert f"Message-ID: <{mail}@acme.example>".encode() in server.messages[0]
