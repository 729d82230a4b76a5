"""Exercises of chapter 11: descending."""
