"""AlexNet's normalisation across neighbouring channels, as a forward pass and its pull-back."""

from .. import checks
from ..operation import differentiable
from .broadcasting import quiet

__all__ = ["local_response_norm", "local_response_norm_vjp"]


@quiet
def local_response_norm_vjp(x, size, alpha=1e-4, beta=0.75, k=1.0):
    r"""Each number divided by a power of the mean square of its neighbours in `size` channels, at the same pixel.

    .. math:: y_c = x_c\, D_c^{-\beta}, \qquad
              D_c = k + \frac{\alpha}{n} \sum_{j=c-\lfloor n/2\rfloor}^{c+\lfloor(n-1)/2\rfloor} x_j^2

    This is PyTorch's form. The paper does not divide α by n: for its α = 10⁻⁴ and n = 5 pass ``alpha=5e-4, k=2``.

    Parameters
    ----------
    x : ndarray, shape (N, C, …), at least three axes
    size : int
        n, the number of channels in the sum; those that do not exist count as 0.
    alpha, beta, k : float

    Raises
    ------
    TypeError, ValueError
        If x has fewer than three axes, or `size` is less than 1.

    References
    ----------
    Krizhevsky, Sutskever, Hinton, ImageNet classification with deep convolutional neural networks,
    NeurIPS 2012, section 3.3.

    Example
    -------
    >>> local_response_norm(np.ones((1, 3, 1)), 2, alpha=6, beta=1).ravel()
    array([0.25      , 0.14285714, 0.14285714])
    """
    where = "local_response_norm"
    checks.floating(where, "x", x)
    if x.ndim < 3:
        raise ValueError(f"{where}: x must have shape (N, C, …) with at least three axes, not {x.shape}.")
    n = checks.whole(where, "size", size, 1)
    alpha, beta, k = (checks.number(where, *v) for v in (("alpha", alpha), ("beta", beta), ("k", k)))
    before, after = n // 2, (n - 1) // 2
    D = k + alpha / n * _neighbours(x * x, before, after)
    power = D**-beta

    @quiet
    def vjp(dy):
        # x_j is in D_c for its own y and for those whose window holds it:
        # dx_j = dy_j D_j^−β − 2αβ/n · x_j Σ_c dy_c x_c D_c^−(β+1)
        return (dy * power - 2 * alpha * beta / n * x * _neighbours(dy * x * power / D, after, before),)

    return x * power, vjp


def _neighbours(a, before, after):
    """The sum of so many channels before and after each, and itself."""
    C = a.shape[1]
    total = a.copy()
    for d in range(1, min(before, C - 1) + 1):
        total[:, d:] += a[:, :-d]
    for d in range(1, min(after, C - 1) + 1):
        total[:, :-d] += a[:, d:]
    return total


local_response_norm = differentiable(local_response_norm_vjp)
