"""Messages of the three queues: what ingestion and knowledge tell, from our own worker or from a workflow."""
