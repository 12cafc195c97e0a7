"""An application for the tests: all that one can offer the doors."""
