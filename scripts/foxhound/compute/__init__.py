"""Provide devices, batches and memory to everything that uses PyTorch."""
