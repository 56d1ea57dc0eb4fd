"""The law (标准): limits and indices as pure functions over the tables in ``data/standards``."""
