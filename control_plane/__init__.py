"""The entry points: commands, HTTP API, MCP, scheduled jobs and demo; and the client of the API."""
