"""Test the final model beyond its scores."""
