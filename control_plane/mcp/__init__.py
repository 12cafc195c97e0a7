"""MCP for agents: over stdio, and over streamable HTTP on the API. Each tool calls one use case of `services`."""
