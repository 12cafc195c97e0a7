"""Evaluate a version of the prompt with the model of the settings, or the drafter that is in use now."""

from contextlib import AsyncExitStack
from uuid import UUID

from control_plane.apps.drafts.drafter.choose import open_drafter
from control_plane.apps.drafts.drafter.offline import MODEL_KEY
from control_plane.apps.drafts.drafter.prompt import Prompt
from control_plane.apps.drafts.drafter.settings import ModelSettings
from control_plane.apps.drafts.gate.evaluate import NoDrafter
from control_plane.apps.drafts.gate.run_evaluation import NamedDrafter, run_evaluation
from control_plane.apps.drafts.store.gate import Evaluation, GateStore, PromptVersion
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import NotFound, NotReady


async def evaluate_prompt(functions: Functions, tenant: UUID, version: str | None, *, actor: Actor) -> Evaluation:
    """Compare a version with the active version. Without a version, compare the drafter in use with its last result.

    Raises NotFound for an unknown version, NotReady if a version is to be evaluated and there is no model.
    """
    settings = ModelSettings.read()
    stored = {each.version: each for each in await GateStore(functions, tenant, actor).prompts()}
    active = next((each for each in stored.values() if each.status == "active"), None)
    in_use = Prompt(version="default", instructions="") if active is None else _prompt_of(active)
    if version is not None and version not in stored:
        raise NotFound("prompt", version, f"no version {version}")
    if version is not None and settings.endpoint is None:
        raise NotReady("ACP_DRAFTS_MODEL_URL: is not set; a prompt is evaluated with a model")
    model = MODEL_KEY if settings.endpoint is None else settings.endpoint.model

    async with AsyncExitStack() as stack:

        async def named_drafter(prompt: Prompt) -> NamedDrafter:
            drafter = await stack.enter_async_context(
                open_drafter(functions, settings, actor=actor, prompt=prompt, fallback=NoDrafter())
            )
            return NamedDrafter(drafter=drafter, prompt_version=prompt.version, model_key=model)

        if version is None:
            return await run_evaluation(functions, tenant, await named_drafter(in_use), None, actor=actor)
        candidate = await named_drafter(_prompt_of(stored[version]))
        return await run_evaluation(functions, tenant, candidate, await named_drafter(in_use), actor=actor)


def _prompt_of(stored: PromptVersion) -> Prompt:
    return Prompt(version=stored.version, instructions=stored.instructions)
