"""docs/how-to/read-as-a-tenant.md: its programs run, as two tenants, and print what the page says they print."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.database.connect import connect
from services.database.migrate import seed
from services.database.rest import RestStack
from services.database.rest.keys import Keys
from tests.docs.pages import DOCS, ROOT, Block, blocks, table

PAGE = DOCS / "how-to" / "read-as-a-tenant.md"
ACME, BOREALIS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
TENANTS = {"Acme Robotics": ACME, "Borealis Bank": BOREALIS}
NPM = ROOT / ".local" / "npm"
STAND_IN = Path(__file__).with_name("realtime_stand_in.js")
MARK = "§ "
"""Stands before a heading that a program prints, so that one program's output can be told section from section."""
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
    """What runs JavaScript from stdin, where supabase-js is found."""
    found = shutil.which("node")
    if found is None or not (NPM / "node_modules" / "@supabase").is_dir():
        assert not os.environ.get("REQUIRE_REAL"), "REQUIRE_REAL is set, but node or supabase-js is not installed"
        pytest.skip("node or supabase-js is not installed: run `make npm` (it needs Node.js)")
    return [found, "--require", "./websocket.cjs", "--input-type=module", "-"]


Run = Callable[..., str]


@pytest.fixture
def run(node: list[str]) -> Run:
    """Runs a program with this access token and returns what it printed."""

    def run(language: str, source: str, stack: RestStack, token: str) -> str:
        command, folder = (node, NPM) if language == "js" else ([sys.executable, "-"], ROOT)
        env = {"SUPABASE_URL": stack.url, "SUPABASE_PUBLISHABLE_KEY": stack.keys.publishable, "ACCESS_TOKEN": token}
        ran = subprocess.run(
            command, input=source, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


def token_for(stack: RestStack, **claims: object) -> str:
    """As the project issues it to Maria, for an hour."""
    issued = {"role": "authenticated", "sub": "maria", "exp": datetime.now(UTC) + timedelta(hours=1), **claims}
    return stack.keys.sign({claim: value for claim, value in issued.items() if value is not None})


def by_section(printed: str) -> dict[str, str]:
    return dict(part.split("\n", 1) for part in printed.split(MARK)[1:])


@pytest.mark.parametrize("language", SNIPPETS)
def test_two_tenants_see_what_the_page_says_and_nothing_of_each_other(
    language: str, run: Run, rest: RestStack, database_url: str
) -> None:
    seed(database_url, say=lambda _: None)
    printed = {
        name: by_section(run(language, program(language), rest, token_for(rest, tenant_id=tenant)))
        for name, tenant in TENANTS.items()
    }
    assert {
        (heading, name): printed[name][heading]
        for heading, text in SECTIONS.items()
        for name, _ in CAPTION.findall(text)
    } == {(heading, name): told for heading, text in SECTIONS.items() for name, told in CAPTION.findall(text)}
    seen = [set(re.findall(r"seed-[\w-]+", str(sections))) for sections in printed.values()]
    assert all(seen)
    assert not seen[0] & seen[1]


def test_every_snippet_is_in_both_languages_and_shows_what_it_prints_but_for_the_one_that_cannot_run() -> None:
    assert [heading_of(block) for block in SNIPPETS["js"] if block.not_run] == ["Hear of changes"]
    run = [[heading_of(block) for block in SNIPPETS[language] if not block.not_run] for language in SNIPPETS]
    assert run[0] == run[1] == [heading for heading, text in SECTIONS.items() if CAPTION.search(text)]
    assert len(set(run[0])) == len(run[0])


@pytest.fixture(scope="module")
def stack(module_rest: RestStack, module_database_url: str) -> RestStack:
    """A project with the demo tenants, and a third one without guardrails."""
    seed(module_database_url, say=lambda _: None)
    with connect(module_database_url) as connection:
        connection.execute("insert into public.tenants (id, name) values (%s, 'New here')", [NEW_HERE])
    return module_rest


NEW_HERE = "33333333-3333-4333-8333-333333333333"


@pytest.mark.parametrize("language", SNIPPETS)
def test_the_audit_log_is_read_whole_though_the_project_cuts_answers_short(
    language: str, run: Run, stack: RestStack, module_database_url: str
) -> None:
    with connect(module_database_url) as connection:
        connection.execute(
            "select app_private.append_audit(array_agg(row(%s, 'system', 'test', 'note', '{}')"
            "::app_private.audit_entry), now()) from generate_series(1, 2100)",
            [ACME],
        )
        row = connection.execute("select max(seq) from public.audit_log where tenant_id = %s", [ACME]).fetchone()
    assert row is not None
    source = program(language, {"Connect", "Your audit log, page by page"})
    assert source.count("limit(500)") == 1
    printed = run(language, source.replace("limit(500)", "limit(5000)"), stack, token_for(stack, tenant_id=ACME))
    rows = by_section(printed)["Your audit log, page by page"].splitlines()
    assert [int(line.split()[0]) for line in rows] == list(range(8, row[0] + 1))


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


def test_the_subscription_asks_with_the_tenants_token_hears_no_deletes_and_renews_the_token(
    run: Run, stack: RestStack
) -> None:
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
    assert {(asked["event"], asked["table"]) for asked in join["config"]["postgres_changes"]} == {
        ("INSERT", "outbox"), ("UPDATE", "outbox"), ("INSERT", "outbox_dlq")
    }  # fmt: skip
    tokens = [message["payload"]["access_token"] for message in sent if message["event"] == "access_token"]
    assert tokens == ["renewed"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of a tenant's program, as the clients would send it."""

    method: str = "GET"
    path: str = "/outbox?select=id"
    body: object = None
    tenant: str | None = ACME
    claims: dict[str, object] = field(default_factory=dict)
    """Over those of the tenant's token; None leaves a claim out."""
    authorization: str | None = None
    """Instead of that token; an empty one is not sent."""
    headers: dict[str, str] = field(default_factory=dict)

    def sent_to(self, stack: RestStack) -> httpx.Response:
        bearer = self.authorization
        if bearer is None:
            bearer = f"Bearer {token_for(stack, **{'tenant_id': self.tenant, **self.claims})}"
        headers = {"apikey": stack.keys.publishable, "Authorization": bearer, "Prefer": "return=representation"}
        headers = {name: value for name, value in {**headers, **self.headers}.items() if value}
        return httpx.request(self.method, f"{stack.url}/rest/v1{self.path}", json=self.body, headers=headers)


def an_update(body: object, *, tenant: str = ACME) -> Asked:
    return Asked(method="PATCH", path=f"/guardrails?tenant_id=eq.{tenant}", body=body, tenant=tenant)


SINGLE = {"Accept": "application/vnd.pgrst.object+json"}
ELSEWHERE = Keys.made()
REQUESTS = {
    "no API key": Asked(headers={"apikey": ""}),
    "an API key of another project, or a revoked one": Asked(headers={"apikey": ELSEWHERE.publishable}),
    "no JWT": Asked(authorization=""),
    "a JWT without role": Asked(claims={"role": None}),
    "a JWT for a role that the API may not become": Asked(claims={"role": "app_ro"}),
    "a JWT that has expired": Asked(claims={"exp": datetime.now(UTC) - timedelta(hours=1)}),
    "a JWT that another project signed": Asked(
        authorization=f"Bearer {ELSEWHERE.sign({'role': 'authenticated', 'tenant_id': ACME})}"
    ),
    "something that is no JWT": Asked(authorization="Bearer maria"),
    "a JWT without tenant_id, or with one that is no UUID": Asked(tenant=None),
    "the same, asking for .single()": Asked(claims={"tenant_id": "acme"}, headers=SINGLE),
    "an update of your guardrails before an operator made them": an_update({"trust_threshold": 0.9}, tenant=NEW_HERE),
    "a write that tenants may not do": Asked(method="PATCH", path="/outbox?id=eq." + ACME, body={"attempts": 0}),
    "a value that breaks a rule of the table": an_update({"trust_threshold": 80}),
    "a value that breaks a rule of ours": an_update({"quiet_hours": {"time_zone": "Berlin"}}),
    "a column that is not there": Asked(path="/outbox?select=price"),
    "a table that is not there": Asked(path="/envelopes"),
    "a call of worker_api": Asked(
        method="POST", path="/rpc/due_in", body={}, headers={"Content-Profile": "worker_api"}
    ),
    "a schema that is not exposed": Asked(path="/lanes", headers={"Accept-Profile": "app_private"}),
}
"""What the first column of the page's table means."""


@pytest.mark.parametrize("row", table(PAGE, "When something is refused"), ids=lambda row: row[0])
def test_what_is_sent_is_refused_as_the_table_says(row: tuple[str, ...], stack: RestStack) -> None:
    sent, status, code, message, _ = row
    answer = REQUESTS[sent].sent_to(stack)
    if message == "[]":
        assert (str(answer.status_code), answer.json()) == (status, [])
        return
    body = answer.json()
    assert (str(answer.status_code), body.get("code", "–"), body["message"]) == (status, code, message)


def test_the_table_has_a_row_for_each_of_them() -> None:
    assert [row[0] for row in table(PAGE, "When something is refused")] == list(REQUESTS)


def test_a_tenant_id_that_is_no_uuid_reads_as_little_as_none(stack: RestStack) -> None:
    assert [Asked(tenant=tenant).sent_to(stack).json() for tenant in (None, "acme")] == [[], []]


@pytest.mark.parametrize(("written", "_says"), table(DOCS / "how-to" / "set-guardrails.md", "What is refused"))
def test_the_database_refuses_two_of_the_mistakes_and_takes_the_others(
    written: str, _says: str, stack: RestStack
) -> None:
    refused = "80" in written or '"Berlin"' in written
    assert an_update(json.loads(written)).sent_to(stack).status_code == (400 if refused else 200)


def test_the_page_names_the_versions_it_was_tried_with() -> None:
    wanted = json.loads((ROOT / "tests" / "npm" / "package.json").read_text("utf-8"))["dependencies"]
    tried = {"supabase-js": wanted["@supabase/supabase-js"], "supabase-py": version("supabase")}
    named = set(re.findall(r"(supabase-\w+) (\d+\.\d+)", PAGE.read_text("utf-8")))
    assert named == {(client, found.rpartition(".")[0]) for client, found in tried.items()}
