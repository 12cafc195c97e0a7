"""Put an agent framework's tools under the control plane: each call is proposed, and the tool's own body never runs.

One file per framework; only it imports the framework.
"""
