"""What the tickets of a cluster show: bursts, near-duplicates, and how much time automatic responses saved."""
