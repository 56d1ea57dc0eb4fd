"""Scheduled and long work: the processes of a running platform."""
