"""`drafts prompts`, `topics` and `set-budget`: the instructions and the budget of models, and which drafts need no
person."""

import sys
from datetime import UTC
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.gate import Evaluation, GateStore, PromptVersion, TopicRule
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.backends import Backends
from services.errors import InvalidInput
from services.process.terminal import run_async

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Name of the version, such as v2.")]
prompts = typer.Typer(no_args_is_help=True, help="The instructions for models, in versions.")
topics = typer.Typer(no_args_is_help=True, help="Who approves the drafts of a topic.")


def add_commands_to(app: typer.Typer) -> None:
    """Add these commands to the group."""
    app.add_typer(prompts, name="prompts")
    app.add_typer(topics, name="topics")
    app.command("set-budget", epilog="Example: python -m control_plane drafts set-budget 50 --tenant UUID")(set_budget)


@prompts.command("list", epilog="Example: python -m control_plane drafts prompts list --tenant UUID")
def list_prompts(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the versions of a tenant's instructions, the newest first."""

    async def read() -> list[PromptVersion]:
        async with backends() as services:
            return await _open_gate(services, tenant, "operator").prompts()

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [(p.version, p.status, f"by {p.created_by}", f"{p.created_at.astimezone(UTC):%Y-%m-%d}") for p in found]
    show_lines(rows, empty="no versions; models get no instructions of the tenant's own")


@prompts.command("save", epilog="Example: python -m control_plane drafts prompts save v2 --tenant UUID --file v2.txt")
def save_prompt(
    version: Version,
    tenant: Tenant,
    *,
    file: Annotated[Path, typer.Option(help="File with the instructions; - for stdin.")],
    by: By = "operator",
) -> None:
    """Store a version of the instructions. It is used after an evaluation and `prompts activate`."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput("--file", "cannot be read as UTF-8 text") from exc

    async def save() -> None:
        async with backends() as services:
            await _open_gate(services, tenant, by).save_prompt(version, text)

    run_async(save())
    print(f"saved version {version}")


@prompts.command("activate", epilog="Example: python -m control_plane drafts prompts activate v2 --tenant UUID")
def activate_prompt(version: Version, tenant: Tenant, by: By = "operator") -> None:
    """Use a version from now on. It must have been evaluated and found not worse than the active one."""

    async def activate() -> None:
        async with backends() as services:
            await _open_gate(services, tenant, by).activate_prompt(version)

    run_async(activate())
    print(f"version {version} is active")


@prompts.command("evaluate", epilog="Example: python -m control_plane drafts prompts evaluate v2 --tenant UUID")
def evaluate(
    tenant: Tenant,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="VERSION",
            help="The version to evaluate. Without it, the active version is compared with its last result.",
        ),
    ] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Draft goldens and past replies again, and compare the results. Exits with 2 if the drafts became worse."""
    from control_plane.apps.drafts.gate.evaluate_prompt import evaluate_prompt  # noqa: PLC0415  # loads the embeddings

    async def evaluate_version() -> Evaluation:
        async with backends() as services:
            return await evaluate_prompt(functions_of(services), tenant, version, actor=operator(by))

    found = run_async(evaluate_version())
    if as_json:
        show_json(found)
    else:
        print(
            f"{found.cases} cases: {found.passed} passed, {found.baseline_passed} with"
            f" {found.baseline['prompt_version']}; {found.worse} became worse, {found.better} better"
        )
        for case in found.report["worse"]:
            print(f"    {case['case']}: {'; '.join(case['problems'])}")
    if found.is_worse:
        raise typer.Exit(2)


@topics.command("list", epilog="Example: python -m control_plane drafts topics list --tenant UUID")
def list_topics(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the topics with a rule, and how many of the last 50 drafts were sent unedited."""

    async def read() -> list[TopicRule]:
        async with backends() as services:
            return await _open_gate(services, tenant, "operator").topic_rules()

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [(rule.topic, rule.mode, f"{rule.unedited} of {rule.decided} unedited") for rule in found],
        empty="no rules; people approve every draft",
    )


@topics.command("set", epilog="Example: python -m control_plane drafts topics set returns shadow --tenant UUID")
def set_topic(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic, as the report names it.")],
    mode: Annotated[str, typer.Argument(metavar="MODE", help="`off`, `shadow` or `automatic`.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Set who approves the drafts of a topic: a person (off, shadow) or the application (automatic)."""

    async def change() -> TopicRule:
        async with backends() as services:
            return await _open_gate(services, tenant, by).set_topic_rule(topic, mode)  # type: ignore[arg-type]

    rule = run_async(change())
    print(f"topic {rule.topic}: {rule.mode}; {rule.unedited} of the last {rule.decided} drafts were sent unedited")


def set_budget(
    usd: Annotated[
        str, typer.Argument(metavar="USD", help="US dollars per month; `default` for the value in the settings.")
    ],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Set what models may cost a tenant in a month. When it is used up, drafts are written without a model."""
    try:
        amount = None if usd == "default" else Decimal(usd)
    except InvalidOperation as exc:
        raise InvalidInput("USD", "must be a number, or default") from exc
    if amount is not None and not amount.is_finite():
        raise InvalidInput("USD", "must be a number, or default")

    async def change() -> None:
        async with backends() as services:
            await _open_gate(services, tenant, by).set_budget(amount)

    run_async(change())
    print(f"budget of tenant {tenant}: {usd} USD a month" if amount is not None else f"tenant {tenant}: default budget")


def _open_gate(services: Backends, tenant: UUID, by: str) -> GateStore:
    return GateStore(functions_of(services), tenant, operator(by))
