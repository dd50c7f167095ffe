"""The one registry of commands. Key bindings, palette, footer, the `?` page and `supportdesk keys` all derive from it.

One module a scope, or a few that belong together. Nothing here imports Textual, because the command line prints from it, and
nothing here runs a command.
"""

from supportdesk.commands.command import DEMO, EVERYWHERE, PARTS, Command, ScreenHelp
from supportdesk.commands.keys import RESERVED_KEYS, nearest, shown_key
from supportdesk.commands.registry import COMMANDS, FOOTER_ITEMS, SCREENS, Registry, registry_with

__all__ = [
    "COMMANDS",
    "DEMO",
    "EVERYWHERE",
    "FOOTER_ITEMS",
    "PARTS",
    "RESERVED_KEYS",
    "SCREENS",
    "Command",
    "Registry",
    "ScreenHelp",
    "nearest",
    "registry_with",
    "shown_key",
]
