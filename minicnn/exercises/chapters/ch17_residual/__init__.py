"""Exercises of chapter 17: residual blocks."""
