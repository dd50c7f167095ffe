"""The Shopify Admin API, read and asked through one client: addresses, tokens, throttle, bulk operations. No rule about stock lives here.

Importing this package loads nothing; `store.open_store` is the way in.
"""
