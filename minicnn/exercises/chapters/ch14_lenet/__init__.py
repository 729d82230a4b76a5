"""Exercises of chapter 14: LeNet."""
