"""What texts are about and in which language they are, for every application."""
