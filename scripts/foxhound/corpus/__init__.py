"""Read the raw corpus, check it, and divide its comments into those that train and those that are scored."""
