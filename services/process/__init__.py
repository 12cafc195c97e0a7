"""What each of our processes needs: signals, children, logs, a health endpoint, a terminal."""
