"""Layers under PyTorch's names: operations that hold their own weights and settings."""

from . import init
from .activation import *
from .alpha_dropout import *
from .containers import *
from .conv import *
from .distance import *
from .dropout import *
from .embedding import *
from .linear import *
from .loss import *
from .loss_likelihood import *
from .loss_margin import *
from .module import *
from .normalization import *
from .pad import *
from .parameter import *
from .pool import *
from .resample import *
from .shrink import *
from .shuffle import *
from .smooth import *
from .softmax import *
from .summary import *
from .unfold import *
from .unpool import *

__all__ = ["init", *sorted(name for name, value in globals().items() if callable(value) and name[0] != "_")]
