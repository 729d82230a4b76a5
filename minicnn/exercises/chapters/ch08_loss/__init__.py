"""Exercises of chapter 8: loss and the chain rule by hand."""
