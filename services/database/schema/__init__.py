"""Migrations, functions and grants: apply them, roll them back, compare them with what a database has."""
