"""A local Shopify that behaves like the real one, over HTTP on loopback: for demos, rehearsals and tests."""
