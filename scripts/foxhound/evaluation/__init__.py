"""Compute scores, intervals, tests and diagnostics from predictions alone."""
