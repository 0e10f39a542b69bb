# SPDX-License-Identifier: MIT
"""Multiply-adds of one evaluation, so that a time can be set against the machine's peak.

Three counts: as published; reduced, where linear layers on concatenated embeddings are split into
products per atom and the basis is folded into the first layer; and, of the reduced one, what is
left in the steady state of a relaxation, where fixed atoms stay and only free ones are asked for.
D is the width; element-wise work is not counted.
"""

import torch


class ForceNetCosts:
    """Multiply-adds of ForceNet's parts, and once an atom."""

    def __init__(self, width):
        square = width * width
        self.published_edge = 36 * width + 5 * square
        self.published_atom = 3 * square
        self.edge = 36 * width + 2 * square
        # Two products of an atom as a source, one as a target, two after the sum.
        self.as_source, self.as_target, self.after_sum = 2 * square, square, 2 * square
        self.first, self.last = 450 * width, 2 * square + 3 * width


class GNSCosts:
    """Of GNS; its second edge layer is linear, so it may follow the sum and join the next."""

    def __init__(self, width):
        square = width * width
        self.published_edge = (2 * width + 7) * width + square
        self.published_atom = square
        self.edge = 7 * width
        self.as_source, self.as_target, self.after_sum = square, square, square
        self.first, self.last = 9 * width, square + 3 * width


COSTS = {"forcenet": ForceNetCosts, "gns": GNSCosts}


def count(kind, width, blocks, source, target, free):
    """Multiply-adds as published, reduced, and left in the steady state.

    `source` and `target` are the edges' ends, `free` tells which atoms move.
    """
    costs = COSTS[kind](width)
    atoms, edges = len(free), len(source)
    once = atoms * (costs.first + costs.last)
    published = blocks * (edges * costs.published_edge + atoms * costs.published_atom) + once
    per_atom = costs.as_source + costs.as_target + costs.after_sum
    reduced = blocks * (edges * costs.edge + atoms * per_atom) + once

    # Backwards: whose embedding each block must deliver.
    wanted = [free]
    for _ in range(blocks):
        needed = wanted[0].clone()
        needed[source[wanted[0][target]]] = True
        wanted.insert(0, needed)
    # Forwards: whose embedding changes between steps; at first none, it is the element's.
    changing = torch.zeros(atoms, dtype=torch.bool)
    left = int(free.sum()) * costs.last
    for block in range(blocks):
        asked = wanted[block + 1][target]
        moving = free[source] | free[target] | changing[source] | changing[target]
        sources = torch.zeros(atoms, dtype=torch.bool)
        sources[source[asked]] = True
        after = changing.clone()
        after[target[moving]] = True
        left += int((asked & moving).sum()) * costs.edge
        left += int((sources & changing).sum()) * costs.as_source
        left += int((wanted[block + 1] & changing).sum()) * costs.as_target
        left += int((wanted[block + 1] & after).sum()) * costs.after_sum
        changing = after
    return published, reduced, left
