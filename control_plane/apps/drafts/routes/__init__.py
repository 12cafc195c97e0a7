"""The API of drafts: one file per noun."""

from types import ModuleType

from control_plane.apps.drafts.routes import (
    channels,
    conversations,
    corrections,
    decisions,
    documents,
    drafts,
    gaps,
    learning,
    messages,
    notifications,
    review,
    signed,
)

NOUNS: tuple[ModuleType, ...] = (
    drafts, decisions, review, conversations, messages, channels, notifications, corrections, documents, learning,
    gaps, signed,
)  # fmt: skip
