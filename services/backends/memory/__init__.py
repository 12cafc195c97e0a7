"""What the memory backends of all services share: one state, and the changes of state that `db/functions/` has too."""
