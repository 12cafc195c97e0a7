"""The worker: claims envelopes, checks them, executes them and settles them."""
