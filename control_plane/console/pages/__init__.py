"""The pages: one module per noun, each with its `router`. `navigation.py` says how they are called."""

from control_plane.console.pages import (
    approval,
    approvals,
    approvals_bulk,
    envelopes,
    grants,
    guardrail_trials,
    guardrail_versions,
    guardrails,
    jobs,
    overview,
    shadow_runs,
    tenants,
)

PAGES = (
    overview, approvals, approvals_bulk, approval, envelopes, jobs, tenants,
    guardrails, guardrail_versions, guardrail_trials, shadow_runs, grants,
)  # fmt: skip
