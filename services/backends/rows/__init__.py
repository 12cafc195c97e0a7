"""The JSON rows that SQL functions answer, as values."""
