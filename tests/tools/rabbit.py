"""A real RabbitMQ node, on a free port and in a temporary folder, and tools that publish to it."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import aio_pika

from services.catalog import Tool
from services.tools.amqp import AmqpBroker, AmqpTool
from tests.tools.builders import a_tool

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one in PATH runs only as user rabbitmq
CONTROL = PROGRAM.with_name("rabbitmqctl")
STARTS_WITHIN = 60.0
SOON = timedelta(milliseconds=50)


class Rabbit:
    """One node. Its data survives `kill`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._dist_port, self._epmd_port = (_free_port() for _ in range(3))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start the node; returns once it accepts connections."""
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\nloopback_users.guest = false\n", encoding="utf-8"
        )
        (self._folder / "plugins").write_text("[].", encoding="utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
        }
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen([PROGRAM], env=environment, stdout=out, stderr=out, start_new_session=True)
        deadline = monotonic() + STARTS_WITHIN
        while not _listens(self.port):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.1)
            if monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self._folder / "out").read_text(encoding="utf-8")[-2000:])

    def kill(self) -> None:
        """Kill the node without a shutdown, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def end_mapper(self) -> None:
        """End the port mapper, which the node started and which outlives it."""
        subprocess.run(["epmd", "-port", str(self._epmd_port), "-kill"], capture_output=True, check=False)

    def control(self, *words: str) -> None:
        """Run `rabbitmqctl`."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._folder), "ERL_EPMD_PORT": str(self._epmd_port)}
        words = ("-n", f"test{self.port}@localhost", *words)
        subprocess.run([CONTROL, *words], env=environment, check=True, capture_output=True)

    async def declare(self, queue: str, **arguments: object) -> None:
        """Declare a durable queue."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            await channel.declare_queue(queue, durable=True, arguments=arguments or None)  # type: ignore[arg-type]

    async def message_ids(self, queue: str) -> list[str]:
        """Remove all messages from the queue and return their ids."""
        found = []
        async with await aio_pika.connect(self.url) as connection:
            waiting = await (await connection.channel()).get_queue(queue)
            while (message := await waiting.get(no_ack=True, fail=False)) is not None:
                found.append(str(message.message_id))
        return found


@contextmanager
def rabbit() -> Iterator[Rabbit]:
    """A node that accepts connections."""
    with TemporaryDirectory(prefix="rabbit-", ignore_cleanup_errors=True) as folder:
        node = Rabbit(Path(folder))
        try:
            node.start()
            yield node
        finally:
            node.kill()
            node.end_mapper()


def is_installed() -> bool:
    return PROGRAM.exists() and shutil.which("erl") is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    """Whether a broker answers on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            peer.settimeout(1)
            peer.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(peer.recv(1))
    except OSError:
        return False


def a_broker(url: str) -> AmqpBroker:
    tool = AmqpTool(name="note", description="Notes.", schema={"type": "object"}, routing_key="notes")
    return AmqpBroker.model_validate({"url": url, "tools": [tool.model_dump(by_alias=True)]})


def to(routing_key: str, exchange: str = "", broker: str = "events") -> Tool:
    config = {"broker": broker, "exchange": exchange, "routing_key": routing_key}
    return a_tool(provider="amqp", config=config, idempotent=True)
