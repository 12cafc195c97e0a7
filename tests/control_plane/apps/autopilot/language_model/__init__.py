"""Tests of names and articles that a language model writes."""
