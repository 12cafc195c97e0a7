"""The pages: one module per noun, each with its `router`. `navigation.py` says how they are called."""

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
    grants,
    guardrail_trials,
    guardrail_versions,
    guardrails,
    jobs,
    overview,
    shadow_runs,
    tenants,
    tokens,
)

PAGES = (
    overview, approvals, approvals_bulk, approval, envelopes, dead_letters, dead_letter, audit,
    catalog, guardrails, guardrail_versions, guardrail_trials, shadow_runs, grants, accounts,
    jobs, tenants, tokens,
)  # fmt: skip
