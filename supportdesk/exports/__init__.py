"""Shopify's CSV exports, read into core values. No SQL, no HTTP."""

from supportdesk.exports.source import ALL_LOCATIONS as ALL_LOCATIONS
from supportdesk.exports.source import ExportFiles as ExportFiles
