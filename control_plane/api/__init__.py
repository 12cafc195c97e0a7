"""The HTTP API, one file per noun. Every route parses, calls one use case of `services`, and words the answer."""
