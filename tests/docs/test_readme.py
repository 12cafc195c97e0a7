"""The examples of all pages work: commands, SQL and Python do what the page says."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app as control_plane
from control_plane.apps.autopilot.notifications.queues import read_queue_settings
from control_plane.apps.autopilot.sources.logins import read_logins
from control_plane.apps.drafts.channels.mailboxes import read_from_environment, read_mail_settings
from control_plane.apps.drafts.channels.senders import SenderSettings
from control_plane.demo.proposals import END_STATES, day_proposals, night_proposals
from control_plane.settings import read_settings
from services.database.connect import connect
from services.database.rest.tokens import mint_jwt
from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.docs.pages import DOCS, ROOT, Block, blocks, name, pages
from worker.outbox import app as worker

ACME = "11111111-1111-4111-8111-111111111111"
LETTER = "eeeeeeee-0001-4111-8111-111111111111"
ACCOUNT = "aaaaaaaa-1111-4111-8111-111111111111"
ENVELOPE_FOR = {
    "approve": "cccccccc-0002-4111-8111-111111111111",
    "reject": "cccccccc-0002-4111-8111-111111111111",
    "respond": "cccccccc-0002-4111-8111-111111111111",
    "show": "cccccccc-0002-4111-8111-111111111111",
    "resolve": "cccccccc-0003-4111-8111-111111111111",
    "explain": "cccccccc-0001-4111-8111-111111111111",
    "retry-dlq": LETTER,
    "dead-letters": LETTER,
}
"""The seeded envelope that `$ENVELOPE` stands for, by command."""
MADE_BEFORE = {
    "--anchor": ["audit", "anchor"],
    "--candidate": ["guardrails", "show", "--tenant", ACME],
    "--file": ["audit", "export", "--tenant", ACME],
}
"""The content of the file that this option reads, which an earlier line of the page writes."""
ID_FROM = {
    "$GRANT": ["grants", "add", "ORDERS__create", "--tenant", ACME, "--hours", "8"],
    "$RUN": ["shadow", "start", "--tenant", ACME, "--candidate", "-"],
}
"""The command that makes the thing whose id this word stands for, and prints it."""
PROGRAMS = {"worker.outbox": worker, "control_plane": control_plane}
OTHERS = {"export", "psql", "curl"}
"""First words of lines that are no commands of ours: only their syntax is checked."""
LONG_RUNNING = {
    ("worker.outbox", "start"),
    ("control_plane", "demo"),
    ("control_plane", "serve"),
    ("control_plane", "db up"),
    ("control_plane", "drafts ingest"),
    ("control_plane", "jobs start"),
    ("control_plane", "up"),
}
"""Commands that run until they are stopped, such as `start` without --once, or that have tests of their own. Only their
`--help` is run."""
PROJECT = {"SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co", "SUPABASE_JWT_SECRET": "x" * 40}
"""A project that issues tokens, for commands that make and read them."""
READS = {"list", "queue", "status", "show", "explain", "check", "url", "--dry-run"}
MAY_EXIT_WITH = {("worker.outbox", "status"): {0, 2}}
"""`status` exits with 2, because the seeds have more dead letters than the SLO allows."""


def lines(block: Block) -> Iterator[str]:
    """The commands of a block, with continued lines joined."""
    text = block.text
    if block.language == "console":
        text = "\n".join(line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ "))
    command = ""
    for line in text.splitlines():
        command = f"{command}\n{line}" if command else line
        if not command.strip() or command.strip().startswith("#"):
            command = ""
        elif not command.endswith("\\") and command.count("'") % 2 == 0:
            yield command
            command = ""
    assert not command, f"{block.page}:{block.line}: an unfinished command"


SHELL = [block for page in pages() for block in blocks(page, "sh", "console")]
COMMANDS = sorted({command for block in SHELL if block.not_run is None for command in lines(block)})


def _exported_servers() -> dict[str, str]:
    """The variables that pages export before commands that call a server, with the servers of all pages."""
    servers: dict[str, dict[str, object]] = {"ACP_MCP_SERVERS": {}, "ACP_SMTP_SERVERS": {}, "ACP_AMQP_BROKERS": {}}
    for command in COMMANDS:
        name, _, value = command.removeprefix("export ").partition("=")
        if command.startswith("export ") and name in servers:
            servers[name] |= json.loads(shlex.split(value)[0])
    return {name: json.dumps(named) for name, named in servers.items()}


SERVERS = _exported_servers()
OURS = [command for command in COMMANDS if "python -m" in command and not command.startswith("psql")]


def test_the_readme_fits_one_screen() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 72


def test_every_shell_block_is_shell() -> None:
    for block in SHELL:
        checked = subprocess.run(["bash", "-n"], input="\n".join(lines(block)), text=True, check=False)
        assert checked.returncode == 0, f"{block.page}:{block.line}"


def test_every_line_begins_with_a_known_command() -> None:
    unknown = [c for c in COMMANDS if c.split()[0] not in {*OTHERS, "make", "python", ".venv/bin/python"}]
    assert unknown == []


@pytest.mark.parametrize("target", sorted({c.split()[1] for c in COMMANDS if c.startswith("make ")}))
def test_the_makefile_has_the_target(target: str) -> None:
    planned = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr


@pytest.fixture(scope="module")
def seeded_url(module_database_url: str) -> str:
    """The demo tenants, for commands that change nothing."""
    _seed(module_database_url)
    return module_database_url


@pytest.mark.parametrize("command", [command for command in OURS if READS & set(command.split())])
def test_a_command_that_reads_runs(command: str, seeded_url: str) -> None:
    _run(command, seeded_url)


@pytest.mark.parametrize("command", [command for command in OURS if not READS & set(command.split())])
def test_a_command_that_changes_something_runs(command: str, request: pytest.FixtureRequest) -> None:
    changes_schema = " db " in command
    url = request.getfixturevalue("fresh_database_url" if changes_schema else "emptied_database_url")
    _seed(url)
    _run(command, url)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("export ")])
def test_every_exported_variable_is_a_setting(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables = dict(word.split("=", 1) for word in shlex.split(command)[1:])
    if set(variables) == {"TENANT"}:
        assert variables["TENANT"] == ACME
        return
    monkeypatch.chdir(tmp_path)  # away from any .env
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    ours = read_mail_settings().model_fields_set | read_from_environment(SenderSettings).model_fields_set
    read = read_settings().model_fields_set | {f"drafts_{name}" for name in ours}
    read |= {"autopilot_logins"} if read_logins() else set()
    read |= {f"autopilot_{name}" for name in read_queue_settings().model_fields_set}
    assert {variable.removeprefix("ACP_").split("__")[0].lower() for variable in variables} <= read


def test_every_sql_block_runs(database_url: str) -> None:
    _seed(database_url)
    found = [block for page in pages() for block in blocks(page, "sql")]
    assert found
    with connect(database_url) as connection:
        for block in found:
            with connection.transaction(force_rollback=True):
                connection.execute(block.text.encode())


def test_the_documented_tools_and_account_execute_a_call(database_url: str) -> None:
    _seed(database_url)
    page = [c for b in blocks(DOCS / "how-to" / "add-a-tool.md", "sh") for c in lines(b)]
    for command in page:
        if "catalog add" in command or "accounts link" in command:
            _run(command, database_url)
    for slug, arguments in (("CRM__note.create", {"text": "hello"}), ("TIME__convert_time", {})):
        call = {"tenant_id": ACME, "tool_slug": slug, "arguments": arguments, "external_id": slug}
        call["trust_context"] = {"score": 0.9}
        output = _run(f"python -m control_plane envelopes propose '{json.dumps(call)}'", database_url)
        assert {verdict["decision"] for verdict in json.loads(output)["verdicts"]} == {"allow"}


def test_drain_skips_doubtful_dead_letters_and_retry_dlq_requeues_them(database_url: str) -> None:
    _seed(database_url, doubtful=True)
    found = json.loads(
        _run('python -m control_plane envelopes list --tenant "$TENANT" --status failed --json', database_url)
    )
    assert [(letter["id"], letter["doubtful"]) for letter in found] == [(LETTER, True)]
    assert "1 dead letters (1 doubtful)" in _run('python -m worker.outbox status --tenant "$TENANT"', database_url)
    drained = _run('python -m worker.outbox drain --tenant "$TENANT" --limit 100 --by maria', database_url)
    assert drained.startswith("requeued 0\nnot requeued: 1 dead letters whose effect may have happened")
    named = _run('python -m worker.outbox retry-dlq --tenant "$TENANT" --envelope "$ENVELOPE" --by maria', database_url)
    assert named == f"requeued {LETTER}\n"


def test_the_demo_table_of_the_readme_has_the_end_states_that_the_demo_requires() -> None:
    [transcript] = [b.text for b in blocks(ROOT / "README.md", "") if "┃ end state" in b.text]
    documented = {
        found[1].strip(): (found[2], found[3]) for found in re.finditer(r"│ (.+?) +│ +(\S+) │ +(\S+) │", transcript)
    }
    proposals = [*day_proposals("run", {}), *night_proposals("run", {})]
    tenants = list(dict.fromkeys(proposal.request["tenant_id"] for proposal in proposals))

    def count(end_state: str | None, tenant: str) -> str:
        counted = [p for p in proposals if p.request["tenant_id"] == tenant and end_state in {None, p.end_state}]
        return str(len(counted) or "–")

    assert documented == {
        **{end_state: (count(end_state, tenants[0]), count(end_state, tenants[1])) for end_state in END_STATES},
        "all": (count(None, tenants[0]), count(None, tenants[1])),
    }


@pytest.mark.parametrize("page", pages(), ids=name)
def test_no_page_names_a_path_of_the_authors_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"/(work|root|home|tmp)/|pypi\.|registry\.(?!py|Tools)", text), name(page)


def test_a_block_that_cannot_run_says_why() -> None:
    pages_with_blocks = [b.page.removeprefix("docs/") for b in SHELL if b.not_run]
    synced = "how-to/sync-a-catalog.md"
    assert pages_with_blocks == [
        "how-to/answer-customers.md", *["how-to/close-knowledge-gaps.md"] * 3, "how-to/connect-a-ticket-system.md",
        "how-to/grow.md", *["how-to/let-autopilot-answer.md"] * 4, "how-to/run-the-worker.md", *[synced] * 4,
        "runbooks/handle-trouble.md",
    ]  # fmt: skip
    assert all(b.not_run for page in pages() for b in blocks(page, "ini", "yaml"))


def _run(command: str, url: str) -> str:
    """Run it and return what it printed on stdout."""
    module, words = _words(command)
    if "--once" not in words and {(module, words[0]), (module, " ".join(words[:2]))} & LONG_RUNNING:
        words = [*words[: 2 if words[0] in {"db", "jobs"} else 1], "--help"]
    if ">" in words:  # in the place where the shell would set it
        words = words[: words.index(">")]
    with pytest.MonkeyPatch.context() as patched, TemporaryDirectory() as folder, chdir(folder):
        # the logging setup of a process would outlast this command
        patched.setattr("services.process.logs.configure_logging", lambda **_: None)
        env = {
            "DATABASE_URL": url,
            "USER": "maria",
            "ACP_JWT_MODE": "hs256",
            "ACP_WEBHOOK_KEY": "k" * 32,
            **PROJECT,
            **SERVERS,
        }
        env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # `python` is the checkout's
        for option, makes in MADE_BEFORE.items():
            if option in words:
                made = CliRunner().invoke(PROGRAMS[module], makes, env=env).stdout
                Path(words[words.index(option) + 1]).write_text(made, encoding="utf-8")
        for word, makes in ID_FROM.items():
            if word in words:
                made = CliRunner().invoke(control_plane, makes, env=env, input='{"trust_threshold": 0.9}').stdout
                words[words.index(word)] = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", made)[0]
        ran = CliRunner().invoke(PROGRAMS[module], words, env=env)
    assert ran.exit_code in MAY_EXIT_WITH.get((module, words[0]), {0}), f"{ran.output}{ran.exception!r}"
    return ran.stdout


def _seed(url: str, *, doubtful: bool = False) -> None:
    seed(url, say=hush)
    with connect(url) as connection:  # a dead letter of Acme's own
        connection.execute(
            "insert into public.outbox_dlq"
            " select %s, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, 'a-letter',"
            " trust_context, metadata, 'failed', 1, 'gave up', lane, verdicts, %s, created_at"
            " from public.outbox where external_id = 'seed-success'",
            [LETTER, doubtful],
        )


def _words(command: str) -> tuple[str, list[str]]:
    """The module and its arguments, with `$TENANT` and `$ENVELOPE` replaced; without a shell."""
    words = shlex.split(command.replace("\\\n", " "), comments=True)
    assert words[1] == "-m", command
    verb = next((word for word in words if word in ENVELOPE_FOR), None)
    values = {
        "$TENANT": ACME, "$ACCOUNT": ACCOUNT, "$ENVELOPE": ENVELOPE_FOR.get(verb or "", ""), "$TOKEN": _token(),
    }  # fmt: skip
    return words[2], [values.get(word, word) for word in words[3:]]


def _token() -> str:
    """The access token that the project issues to a user."""
    return mint_jwt(
        PROJECT["SUPABASE_JWT_SECRET"], role="authenticated", lives_for=timedelta(hours=1),
        iss=f"{PROJECT['SUPABASE_URL']}/auth/v1", aud="authenticated", sub="maria", tenant_id=ACME,
    )  # fmt: skip
