"""The gate: evaluations decide whether a prompt may be used, and topics decide which drafts need no person."""
