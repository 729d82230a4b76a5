"""Operations as pure functions: ``X(arrays…)`` forward only, ``X_vjp(arrays…)`` with its pull-back.

Every ``X`` takes NumPy arrays and returns an array, or takes Tensors and returns a Tensor that `backward` can start from.
"""

from .activation import (
    log_softmax,
    log_softmax_vjp,
    relu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    softmax,
    softmax_vjp,
    tanh,
    tanh_vjp,
)
from .arithmetic import (
    add,
    add_vjp,
    div,
    div_vjp,
    exp,
    exp_vjp,
    flatten,
    flatten_vjp,
    log,
    log_vjp,
    matmul,
    matmul_vjp,
    mean,
    mean_vjp,
    mul,
    mul_vjp,
    neg,
    neg_vjp,
    permute,
    permute_vjp,
    pow,
    pow_vjp,
    reshape,
    reshape_vjp,
    sub,
    sub_vjp,
    sum,
    sum_vjp,
)
from .conv import conv2d, conv2d_vjp
from .dropout import dropout, dropout_vjp
from .linear import linear, linear_vjp
from .loss import cross_entropy, cross_entropy_vjp, mse_loss, mse_loss_vjp
from .pool import avg_pool2d, avg_pool2d_vjp, max_pool2d, max_pool2d_vjp

__all__ = sorted(name for name in globals() if name.endswith("_vjp") or f"{name}_vjp" in globals())
