"""An agent on LangChain: each call of its tool is proposed, judged and executed by the control plane."""

from langchain.agents import create_agent
from langchain_core.tools import tool

from control_plane.adapters.langchain import Governed
from control_plane.client import Client


@tool
def send_message(text: str) -> str:
    """Send a message to the customer."""
    raise NotImplementedError("its body never runs")


def answer(model, prompt: str, *, thread: str) -> list:
    """The messages of one run. After a crash, run it again with the same thread."""
    with Client.from_environment() as client:
        governed = Governed(client, {"send_message": "SLACK__chat.post"})
        agent = create_agent(model, [send_message], middleware=[governed])
        config = {"configurable": {"thread_id": thread}}
        return agent.invoke({"messages": [("user", prompt)]}, config)["messages"]
