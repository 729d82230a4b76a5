"""Exercises of chapter 10: a tape in one page."""
