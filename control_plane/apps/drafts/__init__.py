"""Drafts: AI writes the reply to a customer, a person decides, and the next reply is better."""
