"""A new provider is one folder and one entry in the table: nothing else of the product is changed for it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

SETTINGS = {"ACP_FAX_NUMBERS": '{"desk": "5550100"}'}


@dataclass(frozen=True)
class Checkout:
    """A copy of the product with the provider `fax`."""

    folder: Path
    database_url: str

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ACP_", "SUPABASE_"))}
        inherited["PYTHONDONTWRITEBYTECODE"] = ""  # the first command compiles the copy for all others
        return subprocess.run(
            [sys.executable, "-m", *words], cwd=self.folder, capture_output=True, text=True, check=False,
            env={**inherited, "DATABASE_URL": self.database_url, **SETTINGS, **environment}, timeout=60,
        )  # fmt: skip

    def ask(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self, *words: str, **environment: str) -> str:
        done = self.run(*words, **environment)
        assert done.returncode == 1, done.stdout
        return done.stderr.splitlines()[-1]


@pytest.fixture
def checkout(tmp_path: Path, database_url: str) -> Checkout:
    for package in ("services", "control_plane", "worker", "db"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "tools" / "fax", tmp_path / "services" / "tools" / "fax")
    table = tmp_path / "services" / "tools" / "registry.py"
    text = table.read_text(encoding="utf-8")
    entry = "(HTTP, MCP, COMPOSIO, AMQP, EMAIL)"
    assert entry in text
    text = text.replace(entry, "(HTTP, MCP, COMPOSIO, AMQP, EMAIL, FAX)")
    imports = "from services.tools.amqp import AMQP\n"
    table.write_text(text.replace(imports, f"{imports}from services.tools.fax import FAX\n"), encoding="utf-8")
    return Checkout(tmp_path, database_url)


def a_document(tenant: str, **fields: Any) -> str:
    return json.dumps({
        "tenant_id": tenant, "tool_slug": "FAX__send", "version": "1", "provider": "fax", "config": {"to": "desk"},
        **fields,
    })  # fmt: skip


def test_a_new_provider_needs_its_folder_and_an_entry_in_the_table(checkout: Checkout) -> None:
    tenant = checkout.ask("control_plane", "tenants", "add", "Acme").strip()
    add = ("control_plane", "catalog", "add")

    assert checkout.refusal("worker.outbox", "status", ACP_FAX_NUMBERS='{"desk": "none"}') == (
        "error: ACP_FAX_NUMBERS__DESK: must be digits"
    )
    assert checkout.refusal("worker.outbox", "status", ACP_FAX_NUMBER="{}") == (
        "error: ACP_FAX_NUMBER: there is no such setting; did you mean ACP_FAX_NUMBERS?"
    )
    assert checkout.refusal(*add, a_document(tenant, config={})) == (
        "error: config.to: must name a number of ACP_FAX_NUMBERS"
    )
    assert checkout.refusal(*add, a_document(tenant, idempotent=True)) == (
        "error: idempotent: must be false: calls of the provider fax carry no idempotency key"
    )
    assert checkout.refusal(*add, a_document(tenant, scan={"category": "fax", "arguments": {}})) == (
        "error: scan: must be left out: answers of the provider fax contain nothing to store"
    )
    sync = ("control_plane", "catalog", "sync", "--provider", "fax", "--source", "desk")
    assert checkout.refusal(*sync).startswith("error: provider: fax cannot list its tools")

    assert checkout.ask(*add, a_document(tenant)) == "FAX__send version 1\n"
    request = {
        "tenant_id": tenant, "tool_slug": "FAX__send", "arguments": {"text": "hello"}, "external_id": "fax-1",
        "trust_context": {"score": 0.9},
    }  # fmt: skip
    checkout.ask("control_plane", "envelopes", "propose", json.dumps(request))
    checkout.ask("worker.outbox", "start", "--once", "--health-port", "0")

    [envelope] = json.loads(checkout.ask("control_plane", "envelopes", "list", "--tenant", tenant, "--json"))
    assert (envelope["status"], envelope["result"]) == ("success", {"queued": "5550100"})
    assert (checkout.folder / "fax.spool").read_text(encoding="utf-8") == "5550100 hello\n"
