"""Articles: how they are searched, which clusters they answer, and how gaps are closed."""
