"""Devices, batches and memory: what everything that uses PyTorch stands on."""
