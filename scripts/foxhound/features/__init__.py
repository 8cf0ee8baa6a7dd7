"""Turn comments into what models read: words, word vectors, and token vectors of an encoder."""
