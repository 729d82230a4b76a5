"""Scaled dot-product attention, as a forward pass and its pull-back."""

import math

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import broadcast_shape, form, quiet, unbroadcast
from .dropout import dropout_vjp
from .products import matmul_vjp
from .softmax import softmax_vjp

__all__ = ["scaled_dot_product_attention", "scaled_dot_product_attention_vjp"]


@quiet
def scaled_dot_product_attention_vjp(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False, *, rng=None
):
    r"""For each query a mean of the values, weighted by how well their keys fit it.

    .. math:: \mathrm{softmax}(\text{scale} \cdot Q K^{\mathsf T} + \text{mask})\, V

    Parameters
    ----------
    query : ndarray, shape (…, L, E)
        What L places look for; … are the batch and the heads, and broadcast.
    key : ndarray, shape (…, S, E)
        What S places offer.
    value : ndarray, shape (…, S, V)
        What they then give.
    attn_mask : ndarray that broadcasts to shape (…, L, S), optional
        Of bools: True where a query may look. Of floats: added before the softmax. Who may look nowhere gets 0.
    dropout_p : float
        Probability of dropping a weight; for evaluation pass 0.
    is_causal : bool
        Query i sees keys 0 to i only: none of the future. Goes without attn_mask.
    scale : float, optional
        1 / √E if left out.
    enable_gqa : bool
        Must be False: keys and values that heads share are not there. Repeat them instead.
    rng : numpy.random.Generator, optional
        Where the chance of dropout comes from; that of `manual_seed` if left out.

    Returns
    -------
    ndarray, shape (…, L, V)

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes do not fit, or both attn_mask and is_causal are given.

    References
    ----------
    Vaswani et al., Attention is all you need, NeurIPS 2017, arXiv:1706.03762, equation 1.

    Example
    -------
    >>> q, k, v = np.array([[1.0, 0.0]]), np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([[1.0], [2.0]])
    >>> scaled_dot_product_attention(q, k, v).round(3)
    array([[1.002]])
    """
    where = "scaled_dot_product_attention"
    _check_shapes(where, query, key, value)
    if checks.flag(where, "enable_gqa", enable_gqa):
        raise ValueError(f"{where}: enable_gqa=True is not there. Repeat key and value for each head of query instead.")
    if checks.flag(where, "is_causal", is_causal) and attn_mask is not None:
        raise ValueError(f"{where}: attn_mask and is_causal=True do not go together. Put the future into the mask.")
    E = query.shape[-1]
    scale = 1 / math.sqrt(max(E, 1)) if scale is None else checks.number(where, "scale", scale)
    scores, of_scores = matmul_vjp(query * scale, np.swapaxes(key, -1, -2))  # (…, L, S)
    mask, of_mask, nowhere = np.tri(*scores.shape[-2:], dtype=bool) if is_causal else attn_mask, None, False
    if mask is not None:
        of_mask = _check_mask(where, mask, scores)
        scores = scores + mask if of_mask else np.where(mask, scores, -np.inf)
        nowhere = (scores == -np.inf).all(-1, keepdims=True)  # (…, L, 1)
        scores = np.where(nowhere, 0, scores)
    weights, of_weights = softmax_vjp(scores, -1)
    dropped, of_dropped = dropout_vjp(np.where(nowhere, 0, weights), checks.probability(where, dropout_p), rng=rng)
    y, of_y = matmul_vjp(dropped, value)

    def vjp(dy):
        ddropped, dvalue = of_y(dy)
        (dscores,) = of_weights(np.where(nowhere, 0, of_dropped(ddropped)[0]))
        dquery, dkey = of_scores(dscores)
        return dquery * scale, np.swapaxes(dkey, -1, -2), dvalue, unbroadcast(dscores, of_mask)

    return y, vjp


def _check_shapes(where, query, key, value):
    for name, a in (("query", query), ("key", key), ("value", value)):
        checks.floating(where, name, a)
    checks.same_dtype(where, query=query, key=key, value=value)
    shapes = query.shape, key.shape, value.shape
    if min(map(len, shapes)) < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        found = ", ".join(map(str, shapes))
        raise ValueError(f"{where}: query, key, value must have shapes (…, L, E), (…, S, E), (…, S, V), not {found}.")
    broadcast_shape(where, *(shape[:-2] for shape in shapes))


def _check_mask(where, mask, scores):
    """The form of a mask of floats, or None for one of bools."""
    if getattr(mask, "dtype", None) != np.bool_:
        checks.floating(where, "attn_mask", mask)
        checks.same_dtype(where, query=scores, attn_mask=mask)
    if broadcast_shape(where, mask.shape, scores.shape) != scores.shape:
        raise ValueError(f"{where}: attn_mask of shape {mask.shape} does not broadcast to (…, L, S) = {scores.shape}.")
    return form(mask)


scaled_dot_product_attention = differentiable(
    scaled_dot_product_attention_vjp, arrays=("query", "key", "value", "attn_mask")
)
