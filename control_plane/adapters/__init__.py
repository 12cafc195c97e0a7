"""Put an agent framework's tools under the control plane: calls are proposed, and the tool's own function never runs.

One file per framework; only it imports the framework.
"""
