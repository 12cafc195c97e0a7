"""`python scripted.py EFFECTS [PORT]`: an MCP server without an SDK, so that it can violate every rule.

It uses stdio, or streamable HTTP if PORT is given. The effect of a tool is a line with the envelope's id in the file
EFFECTS; then the tool misbehaves as its name says, see TOOLS.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "io.agent-control-plane/idempotency-key"
OUT = sys.stdout.buffer
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def write(raw: bytes) -> None:
    OUT.write(raw)
    OUT.flush()


def send(**message: Any) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def answer_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A tool's error with the text `words`, or a JSON-RPC error if there is a `code`; a success without `words`."""
    words = arguments.get("words", "done")
    if "code" in arguments:
        return {"error": {"code": arguments["code"], "message": words}}
    return {"result": {"content": [{"type": "text", "text": words}], "isError": "words" in arguments}}


def say(to: Any, **arguments: Any) -> None:
    send(id=to, **answer_of(arguments))


def change(to: Any, **_: Any) -> None:
    send(method="notifications/tools/list_changed")
    say(to)


def bad_byte(to: Any, **_: Any) -> None:
    write(b"caf\xe9 is open\n")
    say(to)


def bad_byte_within(to: Any, **_: Any) -> None:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": [{"type": "text", "text": "caf\xe9"}]}}\n' % to)


def noise(to: Any, **_: Any) -> None:
    write(
        b'hello\n\n[1, null, "x"]\n{"id": 1}\n{"jsonrpc": "2.0"}\n{"jsonrpc": "2.0", "method": 7}\nnull\n'
        b'{"jsonrpc": "2.0", "method": []}\n' + b"\n" * 5000
    )
    say(to)


def deep(to: Any, **_: Any) -> None:
    write(b"[" * 200_000 + b"\n")
    say(to)


def chatter(to: Any, **_: Any) -> None:
    for number in range(2000):
        send(method="notifications/message", params={"level": "info", "data": number})
        send(method="notifications/unheard-of", params={})
    say(to)


def asks_back(to: Any, **_: Any) -> None:
    """Request sampling, roots, input and more; the result lists the replies."""
    requests = {
        "sampling/createMessage": {"messages": [], "maxTokens": 1},
        "roots/list": {},
        "ping": {},
        "unheard/of": {},
    }
    requests["elicitation/create"] = {"message": "name?", "requestedSchema": {"type": "object", "properties": {}}}
    got = []
    for at, (method, params) in enumerate(requests.items()):
        send(id=f"ask-{at}", method=method, params=params)
        answer = json.loads(sys.stdin.buffer.readline())
        got.append(answer["error"]["code"] if "error" in answer else answer["result"])
    send(id=to, result={"content": [], "structuredContent": {"got": got}})


def other_ids(to: Any, **_: Any) -> None:
    for other in (None, 0, to + 1, to - 1, float(to), str(to), True, [to], {"id": to}):
        send(id=other, result={"content": [{"type": "text", "text": "not yours"}]})
    say(to)


def twice(to: Any, **_: Any) -> None:
    say(to)
    send(id=to, result={"content": [{"type": "text", "text": "again"}]})


def long_line(to: Any, megabytes: int, **_: Any) -> None:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": [{"type": "text", "text": "' % to)
    for _mb in range(megabytes):
        write(b"x" * 1024 * 1024)
    write(b'"}]}}\n')


def endless_line(*_: Any, **__: Any) -> None:
    while True:
        write(b"x" * 1024 * 1024)


def half_a_line(*_: Any, **__: Any) -> None:
    write(b'{"jsonrpc": "2.0", ')


def silent(*_: Any, **__: Any) -> None:
    time.sleep(600)


def no_answer(*_: Any, **__: Any) -> None:
    """This call gets no answer; others do."""


def flood_stderr(to: Any, **_: Any) -> None:
    sys.stderr.write("x" * 4 * 1024 * 1024)
    sys.stderr.flush()
    say(to)


def close_stdin(to: Any, **_: Any) -> None:
    os.close(0)
    say(to)
    time.sleep(600)


def close_stdout(*_: Any, **__: Any) -> None:
    os.close(1)
    time.sleep(600)


def die(*_: Any, **__: Any) -> None:
    os._exit(1)


def answer_and_die(to: Any, **_: Any) -> None:
    say(to)
    os._exit(0)


def fork_and_die(*_: Any, **__: Any) -> None:
    """The process that it started keeps the pipe open."""
    subprocess.Popen(SLEEPER)
    os._exit(1)


def fork(to: Any, **_: Any) -> None:
    child = subprocess.Popen(SLEEPER)
    send(id=to, result={"content": [], "structuredContent": {"pids": [os.getpid(), child.pid]}})


def variables(to: Any, **_: Any) -> None:
    send(id=to, result={"content": [], "structuredContent": {"env": sorted(os.environ)}})


TOOLS = {
    tool.__name__: tool
    for tool in (
        say, change, bad_byte, bad_byte_within, noise, deep, chatter, asks_back, other_ids, twice, long_line,
        endless_line, half_a_line, silent, no_answer, flood_stderr, close_stdin, close_stdout, die, answer_and_die,
        fork_and_die, fork, variables,
    )
}  # fmt: skip


def have_effect(params: Mapping[str, Any]) -> None:
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {params['_meta'][KEY]}\n")


def protocol(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer to any message but a call; None for a notification."""
    match message:
        case {"method": "initialize", "params": {"protocolVersion": version}}:
            server_info = {"name": "scripted", "version": "1"}
            result: dict[str, Any] = {"protocolVersion": version, "serverInfo": server_info}
            return {"result": {**result, "capabilities": {"tools": {"listChanged": True}}}}
        case {"method": "tools/list", "id": _}:
            return {"result": {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}}
        case {"method": "ping", "id": _}:
            return {"result": {}}
        case {"id": _, "method": method}:
            return {"error": {"code": -32601, "message": f"Method not found: {method}"}}
    return None


def over_stdio() -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("method") == "tools/call":
            have_effect(message["params"])
            TOOLS[message["params"]["name"]](message["id"], **message["params"]["arguments"])
        elif answer := protocol(message):
            send(id=message["id"], **answer)


class Handler(BaseHTTPRequestHandler):
    """Answers a call with the `status` and the `body` in its arguments; by default 200 and a JSON-RPC answer."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if message.get("method") != "tools/call":
            answer = protocol(message)
            self._answer(202 if answer is None else 200, answer, message)
        else:
            have_effect(message["params"])
            arguments = message["params"]["arguments"]
            self._answer(arguments.get("status", 200), arguments.get("body", answer_of(arguments)), message)

    def do_GET(self) -> None:
        self._answer(405, None, {})

    do_DELETE = do_GET  # noqa: N815

    def _answer(self, status: int, answer: Any, message: Mapping[str, Any]) -> None:
        self.send_response(status)
        raw = b""
        if isinstance(answer, str):
            raw = answer.encode()
            self.send_header("Content-Type", "text/plain")
        elif answer is not None:
            raw = json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}).encode()
            self.send_header("Content-Type", "application/json")
        self.send_header("Mcp-Session-Id", "one")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


if __name__ == "__main__":
    if len(sys.argv) > 2:
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
    else:
        over_stdio()
