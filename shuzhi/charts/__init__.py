"""One look for every chart, on pages and in documents."""
