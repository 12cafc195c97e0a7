"""Agents on MCP clients that are not ours. Each runs in the environment of its client and imports nothing of ours: it
proposes a call, waits for its outcome, and prints that as JSON in its last line."""
