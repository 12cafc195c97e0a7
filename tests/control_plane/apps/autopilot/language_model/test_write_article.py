"""A language model writes an article from resolved tickets; an answer that is not usable changes nothing."""

import json

import pytest

from control_plane.apps.autopilot.draft_article import draft_article
from control_plane.apps.autopilot.store.settings import save_settings
from tests.builders import a_tool
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk
from tests.control_plane.apps.autopilot.language_model.conftest import Complete
from tests.control_plane.apps.autopilot.stocked import Stocked, stock
from tests.tools.servers import HttpServer

GOOD = {
    "answered": True,
    "title": "Connect to the VPN",
    "content": "## Problem\n\nNo VPN.\n\n## Solution\n\n1. Install the profile again.",
    "tickets": [1, 2],
}


@pytest.fixture
async def stocked(helpdesk: Helpdesk) -> Stocked:
    """Both clusters are gaps, and there is a tool that publishes articles."""
    found = await stock(helpdesk)
    await helpdesk.access.operator.catalog.save(
        [a_tool(tenant_id=helpdesk.tenant, tool_slug="KB__publish")], actor=OLGA
    )
    await save_settings(helpdesk.functions, helpdesk.tenant, {"article_tool_slug": "KB__publish"}, actor=OLGA)
    return found


async def test_the_model_writes_the_article_and_reviewers_see_which_model(
    stocked: Stocked, server: HttpServer, complete: Complete
) -> None:
    complete(GOOD)
    proposed = await draft_article(stocked.desk.access.operator, stocked.tenant, stocked.vpn, actor=OLGA)
    assert (proposed.title, proposed.content, proposed.ticket_count) == (GOOD["title"], GOOD["content"], 2)
    [(trust, arguments)] = stocked.desk.run(
        "select trust_context, arguments from outbox where id = %s", proposed.envelope_id
    )
    assert (trust["model"], arguments["content"]) == ("small-1", GOOD["content"])
    data = json.loads(json.loads(server.requests[0].body)["messages"][1]["content"])
    assert [each["number"] for each in data["tickets"]] == [1, 2, 3]
    assert "Installed the VPN profile again" in json.dumps(data["tickets"])


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"answered": False}, "answered: the model found no solution in the resolutions"),
        ({"tickets": [4]}, "tickets: must be numbers from 1 to 3"),
        ({"tickets": []}, "tickets: must be numbers from 1 to 3"),
        ({"content": " \n"}, "title, content: one is empty"),
        ({"content": "a\u202eb"}, "title, content: one has hidden characters"),
        ({"content": "x" * 20_001}, "content: must have at most 20000 characters"),
        ({"content": "![](https://evil.example/x.png)"}, "content: has HTML or an image"),
        ({"content": "<script>1</script>"}, "content: has HTML or an image"),
        ({"content": "Open https://evil.example"}, "content: has a web address that is in no ticket"),
        ({"publish": True}, "answer: has a field that is not in the schema"),
    ],
)
async def test_an_answer_that_breaks_a_rule_is_recorded_and_resolutions_are_quoted(
    stocked: Stocked, complete: Complete, change: dict[str, object], failure: str
) -> None:
    complete(GOOD | change)
    proposed = await draft_article(stocked.desk.access.operator, stocked.tenant, stocked.vpn, actor=OLGA)
    assert (proposed.title, proposed.ticket_count) == ("VPN", 3)
    assert "> Installed the VPN profile again" in proposed.content
    [(trust,)] = stocked.desk.run("select trust_context from outbox where id = %s", proposed.envelope_id)
    assert "model" not in trust
    [(recorded,)] = stocked.desk.run(
        "select failure from autopilot.model_calls where organization_id = %s and purpose = 'article'", stocked.tenant
    )
    assert recorded == failure
