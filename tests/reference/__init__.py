"""A second implementation of the native format, to compare the product with."""
