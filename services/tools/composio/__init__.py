"""Tools that Composio runs."""
