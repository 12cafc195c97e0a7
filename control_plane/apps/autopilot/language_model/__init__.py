"""Names of clusters and articles from a language model. Without a model in the settings, nothing here asks anybody."""
