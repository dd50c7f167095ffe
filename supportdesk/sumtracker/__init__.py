"""The public REST API of a real Sumtracker account, read only: addresses, retries, pages. No rule about stock lives here.

Importing this package loads nothing; `account.open_account` is the way in.
"""
