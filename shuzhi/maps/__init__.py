"""Layers, frames and styles of the maps."""
