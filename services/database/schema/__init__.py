"""Apply migrations, functions and grants, roll them back, and compare a database with them."""
