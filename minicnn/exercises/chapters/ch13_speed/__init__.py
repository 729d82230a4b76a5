"""Exercises of chapter 13: the speed ladder."""
