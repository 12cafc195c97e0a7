"""The database: the embedded server, the migrations, the schema check and the local data API."""
