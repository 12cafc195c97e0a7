"""Read the files of a metadata set: one module for each kind of file. Nothing here knows the database."""
