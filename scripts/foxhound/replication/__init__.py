"""Check the figures and claims of the published experiment."""
