"""Exercises of chapter 5: receptive fields."""
