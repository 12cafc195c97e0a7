"""Messages of the three queues about ingestion runs and clusters. Our own worker or a workflow sends them."""
