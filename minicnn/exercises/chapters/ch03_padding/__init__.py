"""Exercises of chapter 3: padding, stride, dilation."""
