"""The demo: envelopes of two tenants go through guardrails and real tools."""
