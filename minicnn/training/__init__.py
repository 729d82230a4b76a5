"""Training: optimisers, the training loop, measures of success, weights and whole runs on disk."""

from .. import calls
from .adam_variants import *
from .adaptive import *
from .after_epoch import *
from .average import *
from .checkpoint import *
from .clip import *
from .history import *
from .loop import *
from .metrics import *
from .one_cycle import *
from .optim import *
from .plateau import *
from .schedule import *
from .schedule_functions import *
from .warm_restarts import *
from .weights import *

__all__ = sorted(name for name, value in globals().items() if callable(value) and name[0] != "_")
calls.explain(globals())
