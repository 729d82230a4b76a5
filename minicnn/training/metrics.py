"""Measures of success."""

import numpy as np

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(scores, labels):
    """Return the share of samples that are classified correctly.

    Parameters
    ----------
    scores : ndarray or Tensor, shape (N, K) or (N,)
        Scores for K classes, of which the highest counts; or the predicted classes themselves.
    labels : ndarray, shape (N,)
        The right classes.

    Returns
    -------
    float
        Between 0 and 1; NaN for no samples at all.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Example
    -------
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    predicted, labels, _ = _classes(scores, labels, "accuracy")
    return float(np.mean(predicted == labels)) if len(labels) else float("nan")


def confusion_matrix(scores, labels, num_classes=None):
    """Count which class is taken for which.

    Parameters
    ----------
    scores : ndarray or Tensor, shape (N, K) or (N,)
        Scores for K classes, of which the highest counts; or the predicted classes themselves.
    labels : ndarray, shape (N,)
        The right classes.
    num_classes : int, optional
        Default: K, or for predicted classes the largest one seen and one more.

    Returns
    -------
    ndarray of int, shape (num_classes, num_classes)
        Entry [i, j] counts the samples of class i that were taken for j; the diagonal is what went right.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a class is not between 0 and num_classes − 1.

    Example
    -------
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]))
    array([[1, 1],
           [0, 1]])
    """
    predicted, labels, k = _classes(scores, labels, "confusion_matrix")
    pairs = np.array([labels, predicted], np.int64)  # (2, N)
    smallest, largest = pairs.min(initial=0), pairs.max(initial=-1)
    k = num_classes or k or largest + 1
    if smallest < 0 or largest >= k:
        raise ValueError(
            f"confusion_matrix: classes must be from 0 to {k - 1}, but they go from {smallest} to {largest}. "
            "Number them from 0, or pass a larger num_classes."
        )
    return np.bincount(pairs[0] * k + pairs[1], minlength=k * k).reshape(k, k)


def _classes(scores, labels, where):
    """Return the predicted classes, the labels, and the number of classes if the scores tell it."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if labels.ndim != 1 or scores.ndim not in (1, 2) or len(scores) != len(labels):
        raise ValueError(
            f"{where}: scores of shape {scores.shape} do not fit labels of shape {labels.shape}. "
            "Pass scores (N, K) or predicted classes (N,), and labels (N,)."
        )
    return (scores, labels, None) if scores.ndim == 1 else (scores.argmax(1), labels, scores.shape[1])
