"""The one doorway for screens and command line: one function a thing a person asks for."""
