"""Exercises of chapter 7: pooling, equivariance and invariance."""
