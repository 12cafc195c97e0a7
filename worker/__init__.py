"""One envelope's journey: claim, check, execute, settle."""
