"""supportdesk: the agent's terminal program for turning on inventory sync, and the engine behind it.

This module holds the version and imports nothing, so that `--version` stays instant.
"""

__version__ = "0.4.0"
