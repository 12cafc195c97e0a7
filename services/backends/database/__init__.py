"""The services over SQL functions, which a transport calls."""
