"""Signed webhooks over HTTP/1.1."""
