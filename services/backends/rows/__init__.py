"""Convert between the JSON rows of SQL functions and the value types of the services."""
