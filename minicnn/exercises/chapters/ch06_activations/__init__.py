"""Exercises of chapter 6: activations."""
