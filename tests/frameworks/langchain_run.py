"""Runs the sample with a fake model that calls the tool once, and prints what the model got."""

import sys

from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, ToolMessage

from tests.docs.samples.langchain_agent import answer


class FakeModel(FakeMessagesListChatModel):
    """A model with fixed answers."""

    def bind_tools(self, _tools, **_options):
        """The fake model needs no tools."""
        return self


CALL = {"name": "send_message", "args": {"text": "hello"}, "id": "call-1"}
model = FakeModel(responses=[AIMessage("", tool_calls=[CALL]), AIMessage("done")])
for message in answer(model, "greet", thread=sys.argv[1]):
    if isinstance(message, ToolMessage):
        print(message.content)
