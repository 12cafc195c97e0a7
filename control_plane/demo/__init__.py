"""The main job on two demo tenants, for newcomers' eyes."""
