"""Reusable and dumb: values in, messages out. No screen, no desk."""
