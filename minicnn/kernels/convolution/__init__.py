"""The ways to convolve: one file each, loops on plain arrays; which one is taken, functional/convolution/ decides."""
