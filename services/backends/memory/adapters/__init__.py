"""The services as classes: each method is one function of `services.backends.memory.worker_api`."""
