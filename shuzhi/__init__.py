"""数智环境: a city's ecological-environment platform."""

__version__ = "0.1.0"
