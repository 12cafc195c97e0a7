"""The HTTP API, one file per noun. A route parses the request, calls one use case of `services`, and answers."""
