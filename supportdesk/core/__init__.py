"""The rules, pure: no file, no socket, no clock. Imports nothing of ours but the exception tree."""
