"""Operations as pure functions: ``X(arrays…)`` forward only, ``X_vjp(arrays…)`` with its pull-back.

Every ``X`` takes NumPy arrays and returns an array, or takes Tensors and returns a Tensor that `backward` can start
from.
"""

from .. import calls, checks, porting
from . import _methods
from .accumulation import *
from .activation import *
from .adaptive import *
from .alpha_dropout import *
from .arithmetic import *
from .attention import *
from .conv import *
from .conv_transpose import *
from .distance import *
from .dropout import *
from .elementary import *
from .embedding import *
from .indexing import *
from .linear import *
from .local_response_norm import *
from .loss import *
from .loss_binary import *
from .loss_distance import *
from .loss_likelihood import *
from .loss_margin import *
from .masking import *
from .normalization import *
from .pad import *
from .pool import *
from .products import *
from .rearrange import *
from .reduction import *
from .resample import *
from .shape import *
from .shrink import *
from .shuffle import *
from .smooth import *
from .softmax import *
from .sorting import *
from .unfold import *
from .unpool import *

# Whoever calls a pull-back by hand, and not the tape, may give it a dy of any shape: that is checked here.
globals().update({name: checks.pull_back(f) for name, f in globals().items() if name.endswith("_vjp")})

__all__ = sorted(name for name, value in globals().items() if callable(value) and not name.startswith("_"))
calls.explain(globals())
_methods.put_on(globals())


def __getattr__(name):
    raise porting.missing("F", name)
