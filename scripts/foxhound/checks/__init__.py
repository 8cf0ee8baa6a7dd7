"""Put the final model to tests beyond its scores."""
