"""Routes beside the pages: assets, health, exchange."""
