"""One screen a file. No rule, no SQL, no HTTP: screens ask `desk` and draw what it says."""
