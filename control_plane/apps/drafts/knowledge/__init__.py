"""The knowledge of the drafter: documents are read, cut into passages, and stored so that a search finds them."""
