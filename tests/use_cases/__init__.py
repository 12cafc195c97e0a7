"""What each use case decides, on the memory backend. What every backend does is tested in tests/contract."""
