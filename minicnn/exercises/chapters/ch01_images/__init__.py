"""Exercises of chapter 1: images are arrays, and why not a plain network."""
