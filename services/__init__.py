"""What the worker, the control plane and the applications may ask for, and who provides it."""
