"""`python -m worker.outbox`, as a person or a script runs it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from services.outbox import Disposition, Settlement, UnsettledEnvelopes
from tests.builders import MINUTE
from tests.worker.world import World
from worker.outbox import app

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    out: str
    err: str


Run = Callable[..., Awaitable[Ended]]


async def run(*words: object, **env: object) -> Ended:
    """Run the command line as a process whose environment has only these variables of ours.

    If it does not end within a minute, it is aborted, and `err` shows where each of its threads was.
    """
    clean = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith(("ACP_", "OTEL_"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker.outbox", *map(str, words),
        cwd=ROOT,
        env={**clean, "NO_COLOR": "1", "PYTHONFAULTHANDLER": "1", **{name: str(value) for name, value in env.items()}},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    ending = asyncio.ensure_future(process.communicate())
    if not (await asyncio.wait([ending], timeout=60))[0]:
        process.send_signal(signal.SIGABRT)
    out, err = await ending
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.fixture
def outbox(database_url: str) -> Run:
    """The command line over this test's database."""

    async def over(*words: object, **env: object) -> Ended:
        return await run(*words, **{"DATABASE_URL": database_url, "ACP_HEALTH_PORT": 0, **env})

    return over


async def fail(world: World, tenant: UUID, count: int) -> list[UUID]:
    """Add so many dead letters. Returns their ids, the oldest first."""
    ids = await world.propose(tenant, count)
    claimed = await world.backends.outbox.claim("gravedigger", limit=count, lease_for=MINUTE, tenant=tenant)
    for c in sorted(claimed, key=lambda c: ids.index(c.envelope.id)):
        no = Settlement(lease=c.lease, envelope_id=c.envelope.id, to=Disposition.FAILED, error="no")
        assert await world.backends.outbox.settle("gravedigger", [no]) == UnsettledEnvelopes()
    return ids


# -- status -------------------------------------------------------------------------------------------------------


async def test_status_shows_the_queue_of_each_tenant(world: World, outbox: Run) -> None:
    one, two = await world.add_tenant("acme"), await world.add_tenant("globex")
    await world.propose(one, 3)
    await fail(world, two, 1)
    result = await outbox("status", ACP_DLQ_SLO=1)
    assert (result.code, result.err) == (0, "")
    assert [name for name in ("acme", "globex") if name in result.out] == ["acme", "globex"]
    assert "1 dead letters" in result.out
    assert "within the SLO of 1" in result.out


async def test_status_as_json_is_one_object_for_scripts(world: World, outbox: Run) -> None:
    tenant = await world.add_tenant("acme")
    await world.propose(tenant, 3)
    result = await outbox("status", "--json")
    document = json.loads(result.out)
    assert (document["dlq"], document["dlq_slo"]) == (0, 0)
    (row,) = document["tenants"]
    assert row.pop("oldest_due_at")
    assert 0 <= row.pop("oldest_due_seconds") < 60
    assert (
        row.items()
        >= {
            "tenant_id": str(tenant),
            "name": "acme",
            "paused": False,
            "depth": {"pending": 3},
            "in_flight": 0,
            "dlq": 0,
            "retries": [],
        }.items()
    )


async def test_status_exits_with_2_above_the_slo_and_with_0_within(world: World, outbox: Run) -> None:
    await fail(world, await world.add_tenant(), 2)
    above, within = await asyncio.gather(outbox("status", ACP_DLQ_SLO=1), outbox("status", "--json", ACP_DLQ_SLO=2))
    assert (above.code, within.code) == (2, 0)
    assert "above the SLO of 1" in above.out


async def test_status_of_one_tenant_counts_its_dead_letters_alone(world: World, outbox: Run) -> None:
    one, two = await world.add_tenant("acme"), await world.add_tenant("globex")
    await fail(world, two, 1)
    mine, theirs = await asyncio.gather(outbox("status", "--tenant", one), outbox("status", "--tenant", two))
    assert (mine.code, theirs.code) == (0, 2)
    assert "globex" not in mine.out


async def test_an_unknown_tenant_is_a_one_line_error(outbox: Run) -> None:
    nobody = uuid4()
    commands = ("status",), ("drain",), ("drain", "--dry-run"), ("start", "--once")
    result = await asyncio.gather(*[outbox(*words, "--tenant", nobody) for words in commands])
    line = f"error: tenant: no tenant {nobody}; see: python -m control_plane tenants list\n"
    assert result == [Ended(1, "", line)] * len(commands)


# -- drain and retry-dlq ------------------------------------------------------------------------------------------


async def test_a_dry_run_of_drain_lists_dead_letters_and_changes_nothing(world: World, outbox: Run) -> None:
    tenant = await world.add_tenant()
    letters = await fail(world, tenant, 3)
    result = await outbox("drain", "--dry-run", "--limit", 2, "--json")
    document = json.loads(result.out)
    assert (result.code, document["dry_run"]) == (0, True)
    assert [envelope["envelope_id"] for envelope in document["envelopes"]] == [str(each) for each in letters[:2]]
    assert await world.states(*letters) == [("failed", 1)] * 3


async def test_drain_requeues_the_oldest_with_no_attempts_counted_and_records_the_actor(
    world: World, outbox: Run
) -> None:
    tenant = await world.add_tenant()
    letters = await fail(world, tenant, 3)
    result = await outbox("drain", "--limit", 2, "--by", "ada")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1] == "requeued 2"
    assert [str(letters[0]) in result.out, str(letters[2]) in result.out] == [True, False]
    assert await world.states(*letters) == [("pending", 0), ("pending", 0), ("failed", 1)]
    who = world.sql("select distinct actor_id from public.audit_log where category = 'envelope.requeued'")
    assert who == [("ada",)]


async def test_drain_of_one_tenant_requeues_no_other_tenants_dead_letters(world: World, outbox: Run) -> None:
    one, two = await world.add_tenant("one"), await world.add_tenant("two")
    mine, theirs = await fail(world, one, 2), await fail(world, two, 2)
    result = await outbox("drain", "--tenant", one)
    assert result.out.splitlines()[-1] == "requeued 2"
    assert await world.states(*mine, *theirs) == [("pending", 0)] * 2 + [("failed", 1)] * 2


async def test_retry_dlq_requeues_one_dead_letter(world: World, outbox: Run) -> None:
    tenant = await world.add_tenant()
    letters = await fail(world, tenant, 2)
    result = await outbox("retry-dlq", "--tenant", tenant, "--envelope", letters[1])
    assert result == Ended(0, f"requeued {letters[1]}\n", "")
    assert await world.states(*letters) == [("failed", 1), ("pending", 0)]


async def test_retry_dlq_refuses_unknown_envelopes_and_those_of_another_tenant(world: World, outbox: Run) -> None:
    one, two = await world.add_tenant("one"), await world.add_tenant("two")
    (letter,) = await fail(world, two, 1)
    unknown = (letter, uuid4())
    result = await asyncio.gather(*[outbox("retry-dlq", "--tenant", one, "--envelope", each) for each in unknown])
    remedy = "see: python -m worker.outbox drain --dry-run"
    assert result == [
        Ended(1, "", f"error: envelope: tenant {one} has no dead letter {each}; {remedy}\n") for each in unknown
    ]
    assert await world.states(letter) == [("failed", 1)]


# -- start --------------------------------------------------------------------------------------------------------


async def test_start_once_executes_one_batch_and_logs_each_settlement(world: World, outbox: Run) -> None:
    tenant = await world.add_tenant(config={"url": "no address"})
    ids = await world.propose(tenant, 3)
    result = await outbox("start", "--once")
    lines = [json.loads(line) for line in result.err.splitlines()]
    assert (result.code, result.out) == (0, "")
    assert [line["event"] for line in lines] == ["worker.started", *["envelope.settled"] * 3, "worker.stopped"]
    assert lines[-1]["settled"] == {"failed": 3}
    assert "s3cret" not in result.err
    assert await world.states(*ids) == [("failed", 1)] * 3


async def test_a_health_port_in_use_is_a_one_line_error(outbox: Run) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        result = await outbox("start", "--once", "--health-port", port)
    assert result == Ended(1, "", f"error: --health-port: port {port} is in use; choose another port\n")


# -- help and settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["start", "status", "drain", "retry-dlq"])
def test_the_help_of_every_command_has_an_example(verb: str) -> None:
    document = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "120"})
    assert document.exit_code == 0
    assert f"Example: python -m worker.outbox {verb}" in document.output


async def test_bad_settings_are_a_one_line_error_that_names_all_of_them() -> None:
    result = await run("start", "--once", ACP_CONCURRENCY="many", ACP_LEASE_FOR="-1", DATABASE_URL="nonsense")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert [name for name in ("ACP_CONCURRENCY", "ACP_LEASE_FOR", "DATABASE_URL") if name in result.err] == [
        "ACP_CONCURRENCY", "ACP_LEASE_FOR", "DATABASE_URL",
    ]  # fmt: skip


async def test_a_call_that_could_outlive_its_lease_is_refused(outbox: Run) -> None:
    result = await outbox("start", "--once", ACP_LEASE_FOR=5, ACP_TOOL_TIMEOUT=5)
    assert result == Ended(1, "", "error: ACP_TOOL_TIMEOUT: must be shorter than ACP_LEASE_FOR\n")


async def test_an_unreachable_database_is_a_one_line_error_without_the_password() -> None:
    url = "postgresql://me:hush-hush@127.0.0.1:1/things"
    commands = ("status",), ("drain",), ("start", "--once")
    for result in await asyncio.gather(*[run(*words, DATABASE_URL=url, ACP_HEALTH_PORT=0) for words in commands]):
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error: ")
        assert result.err.count("\n") == 1
        assert "hush-hush" not in result.err


@pytest.mark.parametrize(
    ("to", "code", "stderr"),
    [
        (">&-", 0, ""),
        (
            ">/dev/full",
            1,
            "error: stdout: no space left on the device; the command has done its work, only its output is lost\n",
        ),
        (">/dev/full 2>&-", 1, ""),
    ],
)
def test_a_command_whose_output_cannot_be_written_still_does_its_work(
    database_url: str, to: str, code: int, stderr: str
) -> None:
    line = f"exec {sys.executable} -m control_plane tenants add Acme {to}"
    ended = subprocess.run(
        ["/bin/sh", "-c", line], env={**os.environ, "DATABASE_URL": database_url}, capture_output=True, text=True,
        check=False, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (code, stderr)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select name from public.tenants").fetchall() == [("Acme",)]


@pytest.mark.parametrize(
    ("words", "env", "stderr"),
    [
        (["pause", "--reason", "\udcff"], {}, "error: argument 4: is not valid UTF-8; write it again\n"),
        (["list"], {"USER": "\udcff"}, "error: USER: is not valid UTF-8; write it again\n"),
    ],
)
def test_arguments_that_are_not_utf_8_are_refused_by_position(
    words: list[str], env: dict[str, str], stderr: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "control_plane", "tenants", *words], env={**os.environ, **env}, capture_output=True,
        text=True, check=False, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, stderr)
