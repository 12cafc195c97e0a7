"""The pictures in docs/console: `make docs` takes them from a console with demo data."""
