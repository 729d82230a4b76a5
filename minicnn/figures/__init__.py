"""Pictures of the book: a matplotlib style, small drawing helpers, and interactive figures.

`minicnn.figures` is imported on first use, so that `import minicnn` stays fast and needs no matplotlib.
"""

from minicnn.extras import need

need("minicnn.figures", "matplotlib", "figures")  # before anything here imports it

from minicnn.figures import backprop, speed
from minicnn.figures.convolution import KERNELS, ConvolutionExplorer
from minicnn.figures.gradients import GradientExplorer
from minicnn.figures.history import curves
from minicnn.figures.interactive import InteractiveFigure
from minicnn.figures.lenet import LeNetExplorer, draw_network
from minicnn.figures.roofline import RooflineExplorer
from minicnn.figures.stills import svg
from minicnn.figures.style import (
    COLORS,
    RC,
    SIGNED,
    book_style,
    direct_labels,
    powers_of_ten,
    show_array,
    show_feature_maps,
    use_style,
)

__all__ = [
    "COLORS",
    "KERNELS",
    "RC",
    "SIGNED",
    "ConvolutionExplorer",
    "GradientExplorer",
    "InteractiveFigure",
    "LeNetExplorer",
    "RooflineExplorer",
    "backprop",
    "book_style",
    "curves",
    "direct_labels",
    "draw_network",
    "powers_of_ten",
    "show_array",
    "show_feature_maps",
    "speed",
    "svg",
    "use_style",
]
