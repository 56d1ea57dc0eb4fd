"""A simulated city (模拟城市) that speaks the real formats."""
