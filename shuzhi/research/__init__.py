"""Why, from where, and what comes next (科研)."""
