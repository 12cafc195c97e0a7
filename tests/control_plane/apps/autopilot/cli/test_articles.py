"""From a folder of articles to a draft for a gap, from the command line."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.store.settings import save_settings
from services.backends.open import postgres_access
from services.errors import InvalidInput
from tests.builders import a_tool
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, open_helpdesk
from tests.control_plane.apps.autopilot.stocked import stock

PAGE = "<title>Wiki</title><body><nav>Start</nav><h1>Printer</h1><p>It jams.</p><h2>Paper</h2><p>Use 80 g.</p></body>"


def test_articles_are_imported_and_a_gap_gets_a_draft(
    database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del bare
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def make() -> tuple[str, str]:
        async with postgres_access(database_url, pool_size=2) as access:
            stocked = await stock(await open_helpdesk(access, database_url))
            tool = a_tool(tenant_id=stocked.tenant, tool_slug="KB__publish")
            await access.operator.catalog.save([tool], actor=OLGA)
            await save_settings(stocked.functions, stocked.tenant, {"article_tool_slug": "KB__publish"}, actor=OLGA)
            await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
            return str(stocked.tenant), str(stocked.vpn)

    tenant, cluster = asyncio.run(make())

    def run(*words: str) -> str:
        ran = CliRunner().invoke(app, ["autopilot", *words, "--tenant", tenant])
        if isinstance(ran.exception, InvalidInput):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    with pytest.raises(InvalidInput, match="has no file that can be read"):
        run("import-articles", str(tmp_path))
    (tmp_path / "vpn.md").write_text("# VPN\n\nInstall the profile.", encoding="utf-8")
    (tmp_path / "lost-badge.txt").write_text("Order a new one.\0", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("Größe".encode("latin-1"))
    (tmp_path / ".hidden.md").write_text("# Hidden", encoding="utf-8")
    words = ("import-articles", str(tmp_path), "--base-url", "https://wiki.example/")
    assert run(*words) == "2 saved, 0 unchanged, 1 could not be read\nlatin.txt: is not UTF-8 text\n"
    assert run(*words).startswith("0 saved, 2 unchanged")
    badge, vpn = json.loads(run("articles", "--json"))
    assert (badge["title"], vpn["title"], vpn["url"]) == ("lost badge", "VPN", "https://wiki.example/vpn.md")
    (tmp_path / "printer.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "empty.htm").write_text("<p hidden>Nothing</p>", encoding="utf-8")
    assert run(*words).startswith("1 saved, 2 unchanged, 2 could not be read\nempty.htm: has no text\n")
    printer = json.loads(run("articles", "--json"))[-2]
    assert (printer["title"], printer["url"]) == ("Printer", "https://wiki.example/printer.html")
    assert run("set-article-status", vpn["id"], "archived") == f"archived {vpn['id']}\n"
    assert vpn["id"] in run("articles", "--status", "archived")

    assert "VPN" in run("gaps")
    assert "from 3 tickets" in run("draft-article", cluster)
    assert "proposed" in run("article-drafts")
    assert "draft proposed" in run("gaps")
