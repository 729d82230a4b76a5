"""Exercises of chapter 15: what the network sees."""
