"""The console: pages for operators and for the people of a tenant, on the API's app under `/console`.

A page parses a request, calls one use case or service, and renders a template; it decides nothing.
"""
