"""``python -m bench``: what the platform's speed is, measured in one run on one machine."""
