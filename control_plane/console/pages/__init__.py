"""The pages: one module per noun, each with its `router`. `navigation.py` has their titles."""

from control_plane.console.pages import (
    accounts,
    approval,
    approvals,
    approvals_bulk,
    audit,
    catalog,
    dead_letter,
    dead_letters,
    envelopes,
    evidence,
    grants,
    guardrail_trials,
    guardrail_versions,
    guardrails,
    inbound_webhooks,
    jobs,
    overview,
    shadow_runs,
    slack_users,
    subscriptions,
    tenants,
    tokens,
)

PAGES = (
    overview, approvals, approvals_bulk, approval, envelopes, dead_letters, dead_letter, audit,
    catalog, guardrails, guardrail_versions, guardrail_trials, shadow_runs, grants, accounts,
    evidence, inbound_webhooks, slack_users, subscriptions,
    jobs, tenants, tokens,
)  # fmt: skip
