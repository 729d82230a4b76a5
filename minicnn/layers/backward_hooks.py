"""Backward hooks of Modules: the gradients that pass through one, and through no other."""

from ..operation import differentiable
from ..tensor import Tensor

# Passes x on. Its own place on the tape has the gradient of one use of x only: of that in the Module.
_through = differentiable(lambda x: (x, lambda dy: (dy,)))


def call_with_backward_hooks(module, inputs, options):
    """``module.forward(…)``, such that its backward hooks are called as soon as all gradients are there."""
    if not module._backward_hooks:
        return module._forward(*inputs, **options)
    inputs = tuple(_through(x) if isinstance(x, Tensor) else x for x in inputs)
    y = module._forward(*inputs, **options)
    outputs = [out for out in (y if isinstance(y, tuple) else (y,)) if isinstance(out, Tensor) and out.requires_grad]
    grad_input, grad_output = [None] * len(inputs), [None] * len(outputs)
    wanted = {i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad}
    waiting = set(wanted)

    def call():
        for hook in tuple(module._backward_hooks.values()):
            changed = hook(module, tuple(grad_input), tuple(grad_output))
            if changed is None:
                continue
            if len(wanted) > 1:
                raise RuntimeError(
                    f"{type(module).__name__}: a backward hook can change the gradient of a Module with one input, but "
                    f"this one has {len(wanted)}. Register the hook on a Tensor: x.register_hook(…)."
                )
            grad_input[:] = changed

    def at_output(i, gradient):
        grad_output[i] = gradient
        if not wanted:
            call()

    def at_input(i, gradient):
        grad_input[i] = gradient
        waiting.discard(i)
        if not waiting:
            waiting.update(wanted)
            call()
        return grad_input[i]

    for i, out in enumerate(outputs):
        out.register_hook(lambda gradient, i=i: at_output(i, gradient))
    for i in wanted:
        inputs[i].register_hook(lambda gradient, i=i: at_input(i, gradient))
    return y
