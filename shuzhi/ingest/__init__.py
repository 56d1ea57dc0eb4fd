"""Doors (接入): each outside format in, canonical rows out."""
