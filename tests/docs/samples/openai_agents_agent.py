"""An agent on the OpenAI Agents SDK: each call of its tool is proposed, judged and executed by the control plane."""

from agents import Agent, Runner, function_tool

from control_plane.adapters.openai_agents import governed
from control_plane.client import AsyncClient


@function_tool
def send_message(text: str) -> str:
    """Send a message to the customer."""
    raise NotImplementedError("its body never runs")


async def answer(model, prompt: str, *, thread: str) -> list:
    """The items of one run. After a crash, run it again with the same thread."""
    async with AsyncClient.from_environment() as client:
        tool = governed(send_message, client, "SLACK__chat.post", thread=thread)
        agent = Agent("support", model=model, tools=[tool])
        return (await Runner.run(agent, prompt)).new_items
