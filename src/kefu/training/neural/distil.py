"""What a student learns from teachers: their doubts, beside the labels (Hinton et al. 2015).

Several teachers of other seeds err differently, and their mean errs less than each (Lakshminarayanan et al.
2017); a student that is taught the mean keeps much of that at the price of one network.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from kefu.training.neural.teach import Batch, wishes

_TINY = 1e-6


class Teachers:
    """Taught networks that say what they think of a batch."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        self._networks = [network.eval() for network in networks]

    def loss(self, said: Sequence[Tensor], asked: Batch) -> Tensor:
        """How far the student is from the teachers' mean: wishes, beginnings, slots and mood."""
        with torch.inference_mode(), torch.autocast(said[0].device.type, dtype=torch.bfloat16):
            heard = [network(*asked.inputs) for network in self._networks]
        mean = _mean([[tensor.float() for tensor in one] for one in heard], asked)
        own = [tensor.float() for tensor in said]
        real = asked.inputs[0][:, :, 0] != 0
        meant = asked.parts.any(-1)
        total = _divergence(wishes(own[0], own[1], asked.parts)[meant], mean[0][meant])
        total = total + 4.0 * functional.binary_cross_entropy_with_logits(
            own[1][:, :, 1][real], mean[1][real]
        )
        total = total + 2.0 * _divergence(own[2][real], mean[2][real])
        return total + 0.5 * _divergence(own[3][:, :3], mean[3])


def _mean(heard: Sequence[Sequence[Tensor]], asked: Batch) -> tuple[Tensor, ...]:
    """The teachers' mean chances: of each wish's intents, of beginnings, of tags, of moods."""
    intents = [wishes(one[0], one[1], asked.parts).softmax(-1) for one in heard]
    begins = [one[1][:, :, 1].sigmoid() for one in heard]
    slots = [one[2].softmax(-1) for one in heard]
    moods = [one[3][:, :3].softmax(-1) for one in heard]
    return tuple(torch.stack(each).mean(0).clone() for each in (intents, begins, slots, moods))


def _divergence(logits: Tensor, chances: Tensor) -> Tensor:
    """Kullback and Leibler's, of the student's logits from the teachers' chances."""
    return functional.kl_div(
        logits.log_softmax(-1), chances.clamp_min(_TINY), reduction="batchmean"
    )
