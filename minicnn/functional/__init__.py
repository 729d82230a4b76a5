"""Operations as pure functions: ``X(arrays…)`` forward only, ``X_vjp(arrays…)`` with its pull-back.

Every ``X`` takes NumPy arrays and returns an array, or takes Tensors and returns a Tensor that `backward` can start
from.
"""

from .activation import *
from .adaptive import *
from .arithmetic import *
from .conv import *
from .dropout import *
from .linear import *
from .local_response_norm import *
from .loss import *
from .normalization import *
from .pad import *
from .pool import *
from .resample import *
from .smooth import *
from .softmax import *

__all__ = sorted(name for name in globals() if name.endswith("_vjp") or f"{name}_vjp" in globals())
