"""Exercises of chapter 4: channels and many filters."""
