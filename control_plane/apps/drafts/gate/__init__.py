"""What may change how drafts are written, and which drafts need no person: evaluations and topics."""
