"""The database: the embedded server, migrations and drift, and the ways to the SQL functions."""
