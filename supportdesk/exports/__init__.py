"""Shopify's CSV exports, read into core values. No SQL, no HTTP."""
