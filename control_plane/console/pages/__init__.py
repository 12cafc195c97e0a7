"""The pages: one module per noun, each with its `router`. `navigation.py` says how they are called."""

from control_plane.console.pages import envelopes, jobs, overview

PAGES = (
    overview, envelopes, jobs,
)  # fmt: skip
