"""The three products of a convolution (y, dx, dw): which way each goes (ways.py), and the tables that it needs."""
