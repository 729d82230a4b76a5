"""Exercises of chapter 12: batch norm, dropout, augmentation."""
