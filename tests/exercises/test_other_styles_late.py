"""Right answers in other styles, chapters 14 to 17."""

import numpy as np

import minicnn as mc
import minicnn.functional as F
from tests.exercises.passes import passes


def suspicious_in_words(network):
    """With other images, labels drawn at random, and one image at a time for one of the questions."""
    rng = np.random.default_rng(5)
    images, labels = rng.uniform(-2, 2, (300, 16)).astype(np.float32), rng.integers(0, 10, 300)
    scores = network(images)
    single = np.concatenate([network(images[k : k + 1]) for k in range(3)])
    if np.allclose(single, single[0], atol=1e-6) or np.allclose(scores.std(axis=1), 0, atol=1e-6):
        return True
    return bool(F.cross_entropy(scores, labels) > 3.3 or np.allclose(scores.sum(axis=1), 1, atol=1e-4))


def test_why_ten_percent():
    F.cross_entropy(np.zeros((1, 2)), np.array([0]))  # compiled before the clock starts
    F.cross_entropy(np.zeros((1, 2), np.float32), np.array([0]))
    passes("why_ten_percent", suspicious_in_words)


def test_occlusion_by_masks():
    def occlusion(score, x, K):
        drops = []
        for i in range(len(x) - K + 1):
            drops.append([])
            for j in range(len(x[0]) - K + 1):
                mask = np.ones(x.shape, np.float32)
                mask[i : i + K, j : j + K] = 0
                drops[-1].append(score(x) - score(x * mask))
        return drops

    passes("occlusion_map", occlusion)


def test_top_five_by_counting():
    def top_k_error(scores, labels, k=5):
        wrong = 0
        for row, label in zip(scores, labels, strict=True):
            wrong += sum(score > row[label] for score in row) >= k
        return wrong / len(labels)

    passes("top_five", top_k_error)


def test_residual_block_of_tensors():
    def block_vjp(x, W1, W2):
        x, W1, W2 = (mc.Tensor(a, requires_grad=True) for a in (x, W1, W2))
        y = F.relu(x + F.relu(x @ W1) @ W2)

        def vjp(dy):
            y.backward(dy)
            return x.grad, W1.grad, W2.grad

        return y, vjp

    block_vjp(np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1)))[1](np.ones((1, 1)))  # compiled before the clock starts
    passes("residual_block", block_vjp)
