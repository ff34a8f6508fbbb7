"""The encoder policy: a classifier on sentence vectors and rules, which decides when no language model does."""
