"""What stands between the screens and the terminal: profile, signals, crashes, colourless and ASCII output. No screen lives here."""
