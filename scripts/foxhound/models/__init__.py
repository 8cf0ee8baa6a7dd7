"""Train every kind of model, and write its predictions in one table format."""
