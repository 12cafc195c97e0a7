"""Code that every process of this product uses: signals, child processes, logs, health endpoint, terminal."""
