"""docs/how-to/read-as-a-tenant.md: its programs run, as two tenants, and print what the page says they print."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from services.database.connect import connect
from services.database.rest import RestStack
from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.docs.pages import ROOT, Block, blocks
from tests.docs.tenants import ACME, BOREALIS, PAGE, token_for

TENANTS = {"Acme Robotics": ACME, "Borealis Bank": BOREALIS}
NPM = ROOT / ".local" / "npm"
STAND_IN = Path(__file__).with_name("realtime_stand_in.js")
MARK = "§ "
"""The prefix of the headings that the program prints, so that its output can be split by section."""
CAPTION = re.compile(r"^What ([\w ]+) sees:\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS: dict[str, str] = dict(
    re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
)
SNIPPETS: dict[str, list[Block]] = {language: list(blocks(PAGE, language)) for language in ("js", "python")}


def heading_of(block: Block) -> str:
    return next(heading for heading, text in SECTIONS.items() if block.text in text)


def program(language: str, headings: set[str] | None = None) -> str:
    """The page's snippets, of these sections or of all, as one program. Leaves out what the page says is not run."""
    say = {"js": "console.log({0})", "python": "print({0})"}[language]
    return "\n".join(
        f"{say.format(json.dumps(MARK + heading_of(block), ensure_ascii=False))}\n{block.text}"
        for block in SNIPPETS[language]
        if block.not_run is None and (headings is None or heading_of(block) in headings)
    )


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command that runs JavaScript from stdin, with supabase-js."""
    found = shutil.which("node")
    if found is None or not (NPM / "node_modules" / "@supabase").is_dir():
        assert not os.environ.get("REQUIRE_REAL"), "REQUIRE_REAL is set, but node or supabase-js is not installed"
        pytest.skip("node or supabase-js is not installed: run `make npm` (it needs Node.js)")
    return [found, "--require", "./websocket.cjs", "--input-type=module", "-"]


Run = Callable[[str, str, RestStack, str], str]


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a program with this access token and returns what it printed."""

    def printed(language: str, source: str, stack: RestStack, token: str) -> str:
        command, folder = [sys.executable, "-"], ROOT
        if language == "js":
            command, folder = request.getfixturevalue("node"), NPM
        env = {"SUPABASE_URL": stack.url, "SUPABASE_PUBLISHABLE_KEY": stack.keys.publishable, "ACCESS_TOKEN": token}
        ran = subprocess.run(
            command, input=source, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return printed


def by_section(printed: str) -> dict[str, str]:
    return dict(part.split("\n", 1) for part in printed.split(MARK)[1:])


@pytest.mark.parametrize("language", SNIPPETS)
def test_two_tenants_see_the_documented_output_and_no_row_of_each_other(
    language: str, run: Run, rest: RestStack, database_url: str
) -> None:
    seed(database_url, say=hush)
    printed = {
        name: by_section(run(language, program(language), rest, token_for(rest, tenant_id=tenant)))
        for name, tenant in TENANTS.items()
    }
    assert {
        (heading, name): printed[name][heading]
        for heading, text in SECTIONS.items()
        for name, _ in CAPTION.findall(text)
    } == {(heading, name): caption for heading, text in SECTIONS.items() for name, caption in CAPTION.findall(text)}
    seen = [set(re.findall(r"seed-[\w-]+", str(sections))) for sections in printed.values()]
    assert all(seen)
    assert not seen[0] & seen[1]


def test_every_runnable_snippet_is_in_both_languages_with_its_output() -> None:
    assert [heading_of(block) for block in SNIPPETS["js"] if block.not_run] == ["Hear of changes"]
    run = [[heading_of(block) for block in SNIPPETS[language] if not block.not_run] for language in SNIPPETS]
    assert run[0] == run[1] == [heading for heading, text in SECTIONS.items() if CAPTION.search(text)]
    assert len(set(run[0])) == len(run[0])


@pytest.fixture(scope="module")
def stack(module_rest: RestStack, module_database_url: str) -> RestStack:
    """A project with the demo tenants."""
    seed(module_database_url, say=hush)
    return module_rest


@pytest.mark.parametrize("language", SNIPPETS)
def test_the_snippet_reads_the_whole_audit_log_despite_the_row_limit(
    language: str, run: Run, stack: RestStack, module_database_url: str
) -> None:
    with connect(module_database_url) as connection:
        connection.execute(
            "select app_private.append_audit(array_agg(%s::uuid), 'system', 'test', array_agg('note'::text),"
            " array_agg('{}'::jsonb), now()) from generate_series(1, 2100)",
            [ACME],
        )
        row = connection.execute("select max(seq) from public.audit_log where tenant_id = %s", [ACME]).fetchone()
    assert row is not None
    source = program(language, {"Connect", "Your audit log, page by page"})
    assert source.count("limit(500)") == 1
    printed = run(language, source.replace("limit(500)", "limit(5000)"), stack, token_for(stack, tenant_id=ACME))
    rows = by_section(printed)["Your audit log, page by page"].splitlines()
    assert [int(line.split()[0]) for line in rows] == list(range(10, row[0] + 1))


STORY: list[dict[str, Any]] = [
    {"type": "INSERT", "table": "outbox", "record": {"id": "e1", "status": "pending", "external_id": "order-1"}},
    {"type": "UPDATE", "table": "outbox", "record": {"id": "e1", "status": "success", "external_id": "order-1"}},
    {"type": "DELETE", "table": "outbox", "old_record": {"id": "a-stranger's"}},
    {"type": "INSERT", "table": "outbox_dlq", "record": {"id": "e2", "status": "denied", "external_id": "order-2"}},
    {"type": "DELETE", "table": "outbox_dlq", "old_record": {"id": "a-stranger's"}},
]
TELL_IT = f"""
const tell = await subscription;
{json.dumps(STORY)}.forEach(tell);
process.env.ACCESS_TOKEN = "renewed";
await supabase.realtime.sendHeartbeat();
for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
console.log({json.dumps(MARK)} + "sent\\n" + JSON.stringify(sent));
process.exit();
"""


def test_the_subscription_uses_and_renews_the_tenants_token_and_ignores_deletes(run: Run, stack: RestStack) -> None:
    [snippet] = [block for block in SNIPPETS["js"] if block.not_run]
    token = token_for(stack, tenant_id=BOREALIS)
    source = STAND_IN.read_text("utf-8") + program("js", {"Connect"}) + f'console.log("{MARK}heard")\n' + snippet.text
    printed = by_section(run("js", source + TELL_IT, stack, token))
    assert printed["heard"].splitlines() == [
        "SUBSCRIBED ", "queued: order-1", "success: order-1", "dead letter, denied: order-2"
    ]  # fmt: skip
    sent = json.loads(printed["sent"])
    [join] = [message["payload"] for message in sent if message["event"] == "phx_join"]
    assert join["access_token"] == token
    assert {(change["event"], change["table"]) for change in join["config"]["postgres_changes"]} == {
        ("INSERT", "outbox"), ("UPDATE", "outbox"), ("INSERT", "outbox_dlq")
    }  # fmt: skip
    tokens = [message["payload"]["access_token"] for message in sent if message["event"] == "access_token"]
    assert tokens == ["renewed"]


def test_the_page_names_the_tested_versions() -> None:
    wanted = json.loads((ROOT / "tests" / "npm" / "package.json").read_text("utf-8"))["dependencies"]
    tried = {"supabase-js": wanted["@supabase/supabase-js"], "supabase-py": version("supabase")}
    named = set(re.findall(r"(supabase-\w+) (\d+\.\d+)", PAGE.read_text("utf-8")))
    assert named == {(client, found.rpartition(".")[0]) for client, found in tried.items()}
