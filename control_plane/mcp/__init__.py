"""The agents' door over MCP: stdio, and streamable HTTP on the API. Each tool calls one use case of `services`."""
