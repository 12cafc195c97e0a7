"""How messages of customers come in: from mailboxes, and by the webhooks of other systems."""
