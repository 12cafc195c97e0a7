"""Implement every service by calls to SQL functions. A transport makes the calls."""
