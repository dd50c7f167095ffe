"""The command line: one module a command group. Textual is imported only to open the screens."""
