"""Does the worker call real tools as fast as a bare client could? Every transport, two hundred calls at once.

Ours is the whole worker process with its providers, settings and database. The others are bare clients, of which the
fastest of each round counts. For a tool that costs nothing, our providers are also measured without worker and
database. Servers, clients and worker are processes of their own.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from services.backends.open import postgres_backends
from tests.bench.bare_client import SECRET, SLOTS, TENANTS
from tests.bench.processes import ROOT, answer, our_worker
from tests.bench.runner import Figure, Lab
from tests.bench.workload import fill, make_tenants
from tests.tools.rabbit import is_installed, rabbit

TAKES = 0.2
SLOW, QUICK = 4_000, 20_000
"""The number of calls: to tools that take TAKES, and to tools that answer immediately."""
BAR, QUICK_BAR = 0.9, 0.7
STARTS_WITHIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One transport: the settings of our worker for it, and the bare clients of the same server."""

    name: str
    calls: int
    bar: float
    tool: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    warm: str | None = None
    """`provider:source` to which the worker connects before the measurement, as bare clients do."""
    clients: tuple[str, ...]
    where: str
    providers: bool = False
    """Whether our providers alone are measured as well."""


async def measure(lab: Lab) -> list[Figure]:
    """Each transport in turn, each with its own rounds."""
    figures: list[Figure] = []
    for case in (over_http, over_http_quickly, over_stdio, over_mcp_http):
        with case(lab) as prepared:
            figures += await compare(lab, prepared)
    if is_installed():
        with rabbit() as node:
            await node.declare("bench")
            with over_amqp(lab, node.url) as prepared:
                figures += await compare(lab, prepared)
    else:
        lab.say("  no RabbitMQ here: AMQP is not measured")
    return figures


async def compare(lab: Lab, case: Case) -> list[Figure]:
    """Our rates against the fastest bare client's, and how many calls had another outcome than success."""
    failed = 0

    async def ours() -> float:
        nonlocal failed
        seconds, others = await through_the_worker(lab, case)
        failed += others
        return case.calls / seconds

    others = (*case.clients, "tools") if case.providers else case.clients
    sides = {"ours": ours} | {client: partial(barely, case, client) for client in others}
    rates = await lab.rounds_of(sides)
    fastest = [max(of_round) for of_round in zip(*(rates[client] for client in case.clients), strict=True)]
    best = max(case.clients, key=lambda client: sum(rates[client]))
    name, calls = f"real_tools/{case.name}", case.calls * lab.rounds
    alone = [
        Figure.of(f"{name}, providers alone", "calls/s", rates["tools"], best, fastest, at_least=case.bar)
    ] if case.providers else []  # fmt: skip
    return [
        Figure.of(name, "calls/s", rates["ours"], best, fastest, at_least=case.bar),
        *alone,
        Figure.of(f"{name} succeed", "calls", [calls - failed], "calls made", [calls], at_least=1),
    ]


async def through_the_worker(lab: Lab, case: Case) -> tuple[float, int]:
    """Seconds, and how many attempts had another outcome than success."""
    with lab.database() as url:
        async with postgres_backends(url, pool_size=2) as backends:
            await fill(backends, await make_tenants(backends, TENANTS, **case.tool), case.calls)
        lab.settle_down()
        flags = ["--stop-after", str(case.calls), "--concurrency", str(SLOTS), "--real"]
        flags += ["--warm", case.warm] if case.warm else []
        told = await our_worker(url, *flags, **case.environment)
    return float(told["seconds"]), case.calls - told["outcomes"].get("success", 0)


async def barely(case: Case, client: str) -> float:
    """Calls a second."""
    command = (sys.executable, "-m", "tests.bench.bare_client", client, case.calls, SLOTS, case.where)
    return case.calls / float((await answer(*command, url=""))["seconds"])


# -- the transports -----------------------------------------------------------------------------------------------


@contextmanager
def over_http(lab: Lab, *, takes: float = TAKES, calls: int = SLOW, bar: float = BAR) -> Iterator[Case]:
    """Signed webhooks."""
    with served("http", takes) as port:
        url = f"http://127.0.0.1:{port}/hook"
        yield Case(
            name="http" if takes else "http, quick", calls=lab.sized(calls), bar=bar,
            tool={"provider": "http", "config": {"url": url, "secret": "bench"}},
            environment={
                "ACP_WEBHOOK_SECRETS": json.dumps({"bench": SECRET}), "ACP_ALLOWED_HOSTS": json.dumps(["127.0.0.1"])
            },
            clients=("aiohttp", "httpx2") if takes else ("aiohttp",), where=url, providers=not takes,
        )  # fmt: skip


def over_http_quickly(lab: Lab) -> Any:
    """Webhooks to a tool that answers at once."""
    return over_http(lab, takes=0, calls=QUICK, bar=QUICK_BAR)


@contextmanager
def over_stdio(lab: Lab) -> Iterator[Case]:
    """One child process."""
    arguments = ["-m", "tests.bench.tool_server", "mcp_stdio", str(TAKES), "0"]
    server = {"command": sys.executable, "args": arguments, "env": {"PYTHONPATH": str(ROOT)}}
    yield an_mcp_case(lab, "mcp stdio", server, " ".join([sys.executable, *arguments]))


@contextmanager
def over_mcp_http(lab: Lab) -> Iterator[Case]:
    """One server in another process, over HTTP."""
    with served("mcp_http", TAKES) as port:
        url = f"http://127.0.0.1:{port}/mcp"
        yield an_mcp_case(lab, "mcp http", {"url": url}, url)


def an_mcp_case(lab: Lab, name: str, server: Mapping[str, Any], where: str) -> Case:
    """The server under the name `bench`."""
    return Case(
        name=name, calls=lab.sized(SLOW), bar=BAR,
        tool={"provider": "mcp", "config": {"server": "bench", "tool": "work"}},
        environment={"ACP_MCP_SERVERS": json.dumps({"bench": server})},
        warm="mcp:bench", clients=("mcp",), where=where,
    )  # fmt: skip


@contextmanager
def over_amqp(lab: Lab, url: str) -> Iterator[Case]:
    """A broker whose confirmations arrive after TAKES."""
    broker = urlsplit(url)
    with served("far_broker", TAKES, str(broker.port)) as port:
        far = url.replace(f":{broker.port}", f":{port}")
        yield Case(
            name="amqp", calls=lab.sized(SLOW), bar=BAR,
            tool={"provider": "amqp", "config": {"broker": "bench", "exchange": "", "routing_key": "bench"}},
            environment={"ACP_AMQP_BROKERS": json.dumps({"bench": {"url": far}})},
            warm="amqp:bench", clients=("aio-pika",), where=far,
        )  # fmt: skip


@contextmanager
def served(kind: str, takes: float, *more: str) -> Iterator[int]:
    """A server on a free port, for as long as it is needed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "tests.bench.tool_server", kind, str(takes), str(port), *more]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = monotonic() + STARTS_WITHIN
        while not _listens(port):
            if server.poll() is not None or monotonic() > deadline:
                raise RuntimeError(f"{command} does not listen")
            sleep(0.05)
        yield port
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
