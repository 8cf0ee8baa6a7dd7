"""Save the final model, load it, and score texts with it."""
