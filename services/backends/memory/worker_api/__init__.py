"""What the SQL functions of the same names do, one per file, reads too: to compare the two is to open two files.

Each takes the state first, then what its service's method takes.
"""
