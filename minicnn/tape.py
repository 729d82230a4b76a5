"""The tape: remember each operation's pull-back on the way forward, call them in reverse on the way back.

A result that needs a gradient holds a `Node`: the pull-back of the operation that made it, and where the inputs came
from (operation.py makes it). Arrows only point from results to inputs, so there are no cycles: drop the loss, and the
graph is gone.
"""

import heapq
import itertools

import numpy as np

from . import tape_errors as errors
from .hooks import NONE
from .kernels.arithmetic import add, copy

_clock = itertools.count()


class Node:
    """One recorded operation. `parents` holds, for each array argument, its Node, its leaf Tensor, or None."""

    __slots__ = ("time", "operation", "vjp", "parents", "versions", "shape", "dtype", "hooks")

    def __init__(self, operation, vjp, parents, tensors, y):
        self.time, self.operation, self.vjp, self.parents = next(_clock), operation, vjp, parents
        self.versions = [(i, t._version, t._version.changes) for i, t in tensors]  # of what it may keep
        self.shape, self.dtype, self.hooks = y.shape, y.dtype, NONE  # called with the gradient; may give another one


@np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
def walk_back(node, gradient, retain_graph):
    """Call the pull-backs, latest operation first.

    A result is made after its inputs. So when a node is the latest one left, every operation that used its result is
    done, and its gradient is complete. The heap finds the latest without recursion, however deep the graph.
    """
    gradients, heap = {node: gradient}, [(-node.time, node)]
    while heap:
        _, node = heapq.heappop(heap)
        dy = hooked(node, gradients.pop(node))
        for parent, dx in pulled_back(node, dy):
            if parent in gradients:  # used twice: the gradients add
                gradients[parent] = add(gradients[parent], dx)
            else:
                gradients[parent] = dx
                if isinstance(parent, Node):
                    heapq.heappush(heap, (-parent.time, parent))
        if not retain_graph:
            node.vjp, node.parents = None, ()
    for leaf, dx in gradients.items():  # only these are left; last, so that an error on the way changes none of them
        accumulate(leaf, hooked(leaf, dx))


def hooked(node, gradient):
    """What the hooks of a Node or a leaf make of its gradient."""
    for hook in node.hooks.values():
        changed = hook(gradient)
        if changed is not None:
            gradient = np.asarray(changed, node.dtype)
            if gradient.shape != node.shape:
                raise errors.hook_of_another_shape(node, gradient)
    return gradient


def pulled_back(node, dy):
    """Pairs of a parent and its gradient, after a look whether it can be right: an input's gradient has its shape."""
    if node.vjp is None:
        raise errors.used_before()
    for i, version, changes in node.versions:
        if version.changes != changes and errors.kept(node.vjp, version):
            raise errors.changed_in_between(node, i)
    dxs = node.vjp(dy)
    if not isinstance(dxs, (tuple, list)) or len(dxs) != len(node.parents):
        raise errors.not_one_gradient_each(node, dxs)
    pairs = []
    for i, (parent, dx) in enumerate(zip(node.parents, dxs, strict=True)):
        if parent is None or dx is None:
            continue
        dx = np.asarray(dx)
        if dx.shape != parent.shape or dx.dtype.kind not in "fiub":
            raise errors.gradient_of_another_shape(node, i, dx)
        pairs.append((parent, dx.astype(parent.dtype, copy=False)))
    return pairs


def accumulate(tensor, gradient):
    """Add to ``tensor.grad``; what is kept there is nobody else's."""
    if tensor._grad is not None and tensor._grad.shape != tensor.shape:
        raise errors.grad_of_old_data(tensor)
    tensor._grad = copy(gradient) if tensor._grad is None else add(tensor._grad, gradient)
