"""Leaves, tree, checkpoints and proofs: who did what and when, so that a stranger can check it."""
