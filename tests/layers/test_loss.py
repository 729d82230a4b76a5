import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)
X, T, Q, W = RNG.standard_normal((6, 4)), RNG.integers(0, 4, 6), RNG.uniform(0.1, 0.9, (6, 4)), RNG.uniform(1, 2, 4)
S = RNG.choice([-1, 1], (6, 4))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (mc.CrossEntropyLoss(), F.cross_entropy(X, T)),
        (mc.CrossEntropyLoss(W, 2, "sum", 0.1), F.cross_entropy(X, T, W, 2, "sum", 0.1)),
        (mc.NLLLoss(), F.nll_loss(X, T)),
        (mc.NLLLoss(mc.Tensor(W), 2, "none"), F.nll_loss(X, T, W, 2, "none")),
        (mc.MSELoss(), F.mse_loss(X, Q)),
        (mc.L1Loss("sum"), F.l1_loss(X, Q, "sum")),
        (mc.SmoothL1Loss("none", 0.5), F.smooth_l1_loss(X, Q, "none", 0.5)),
        (mc.HuberLoss("none", 0.5), F.huber_loss(X, Q, "none", 0.5)),
        (mc.BCEWithLogitsLoss(), F.binary_cross_entropy_with_logits(X, Q)),
        (mc.BCEWithLogitsLoss(W, "sum", W[::-1]), F.binary_cross_entropy_with_logits(X, Q, W, "sum", W[::-1])),
        (mc.KLDivLoss("batchmean"), F.kl_div(X, Q, "batchmean")),
        (mc.KLDivLoss("sum", True), F.kl_div(X, Q, "sum", True)),
    ],
)
def test_layers_call_their_functions(layer, expected):
    target = T if type(layer) in (mc.CrossEntropyLoss, mc.NLLLoss) else Q
    assert_array_equal(layer(X, target), expected)
    x = mc.Tensor(X, requires_grad=True)
    layer(x, target).sum().backward()
    assert x.grad.any()
    assert repr(layer) == f"{type(layer).__name__}()"


@pytest.mark.parametrize(
    ("layer", "arrays", "expected"),
    [
        (mc.SoftMarginLoss("sum"), (X, S), F.soft_margin_loss(X, S, "sum")),
        (mc.HingeEmbeddingLoss(0.5, "sum"), (X, S), F.hinge_embedding_loss(X, S, 0.5, "sum")),
        (mc.MarginRankingLoss(0.5, "none"), (X, Q, S), F.margin_ranking_loss(X, Q, S, 0.5, "none")),
        (mc.CosineEmbeddingLoss(0.5, "none"), (X, Q, S[:, 0]), F.cosine_embedding_loss(X, Q, S[:, 0], 0.5, "none")),
        (mc.TripletMarginLoss(0.5, 1, 0.1, True, "none"), (X, Q, -Q),
         F.triplet_margin_loss(X, Q, -Q, 0.5, 1, 0.1, True, "none")),
        (mc.MultiMarginLoss(2, 0.5, W, "none"), (X, T), F.multi_margin_loss(X, T, 2, 0.5, W, "none")),
        (mc.GaussianNLLLoss(full=True, eps=0.5, reduction="none"), (X, Q, Q),
         F.gaussian_nll_loss(X, Q, Q, True, 0.5, "none")),
        (mc.PoissonNLLLoss(False, True, 0.5, "none"), (Q, Q), F.poisson_nll_loss(Q, Q, False, True, 0.5, "none")),
        (mc.CosineSimilarity(0, 0.5), (X, Q), F.cosine_similarity(X, Q, 0, 0.5)),
        (mc.PairwiseDistance(1, 0.5, True), (X, Q), F.pairwise_distance(X, Q, 1, 0.5, True)),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_losses_and_distances_of_other_arrays(layer, arrays, expected):
    assert_array_equal(layer(*arrays), expected)
    assert repr(layer) == f"{type(layer).__name__}()"
    assert list(layer.state_dict()) == (["weight"] if "Multi" in repr(layer) else [])


def test_binary():
    assert_array_equal(mc.BCELoss(W, "none")(Q, Q), F.binary_cross_entropy(Q, Q, W, "none"))


def test_weights_belong_to_the_state_as_in_pytorch():
    loss = mc.CrossEntropyLoss(weight=W)
    assert_array_equal(loss.state_dict()["weight"], W)
    assert list(mc.BCEWithLogitsLoss(pos_weight=W).state_dict()) == ["pos_weight"]
    assert list(mc.CrossEntropyLoss().state_dict()) == []
    other = mc.CrossEntropyLoss(weight=np.ones(4))
    other.load_state_dict(loss.state_dict())
    assert other(X, T) == loss(X, T)
