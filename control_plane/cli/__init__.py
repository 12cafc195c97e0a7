"""The commands of `python -m control_plane`, one file per noun."""
