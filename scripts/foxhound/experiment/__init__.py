"""Check the configuration, adapt it to the corpus, and expand it into runs."""
