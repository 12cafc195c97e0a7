"""What the tickets of a cluster tell: bursts, near-duplicates, tickets that nobody works on."""
