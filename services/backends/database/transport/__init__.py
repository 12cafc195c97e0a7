"""How SQL functions are called: over direct connections, or through a project's Data API."""
