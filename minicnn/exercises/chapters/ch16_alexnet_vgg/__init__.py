"""Exercises of chapter 16: AlexNet and VGG."""
