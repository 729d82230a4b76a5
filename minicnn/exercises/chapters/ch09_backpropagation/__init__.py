"""Exercises of chapter 9: backpropagation through convolution and pooling."""
