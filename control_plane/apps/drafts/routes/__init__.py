"""The API of drafts: one file per noun."""

from types import ModuleType

NOUNS: tuple[ModuleType, ...] = ()
