"""The Admin API of Shopify, version 2026-10: client, throttle, bulk operations, documents, wire models."""
