"""Sluice as a node starts it: the entry point, its output, and how it is laid out for the node."""
