"""The core: use cases and services for the worker, the control plane and the applications."""
