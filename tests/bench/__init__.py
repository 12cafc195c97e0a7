"""Questions about speed, one file each, answered by `make bench`. Figures and machine: docs/performance.md."""
