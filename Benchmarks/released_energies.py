# SPDX-License-Identifier: MIT
"""Loads the released SchNet and DimeNet++ from a folder with the Open Catalyst Project's code.

The code is used as it is, with torch_geometric from PyPI, where the networks themselves are. For
torch_scatter and torch_sparse, which have no wheels, there are stand-ins in memory.
"""

import importlib
import os
import types
import warnings

import torch

from released_forcenet import module, packages, segment_coo, segment_csr


def scatter(values, index, dim=0, dim_size=None, reduce="add"):
    assert dim == 0 and reduce in ("add", "sum", "mean")
    count = dim_size if dim_size is not None else int(index.max()) + 1 if len(index) else 1
    sums = values.new_zeros(count, *values.shape[1:]).index_add_(0, index, values)
    if reduce != "mean":
        return sums
    return sums / torch.bincount(index, minlength=count).clamp(min=1).reshape(-1, *[1] * (values.dim() - 1))


class Storage:
    def __init__(self, row, col, value):
        self._row, self._col, self._value = row, col, value

    def row(self):
        return self._row

    def col(self):
        return self._col

    def value(self):
        return self._value


class SparseTensor:
    """What the triplets of DimeNet++ need: entries sorted by row, then column; rows by index; sums of rows."""

    def __init__(self, row, col, value, sparse_sizes):
        order = torch.argsort(row * sparse_sizes[1] + col, stable=True)
        row, col, value = row[order], col[order], value[order]
        counts = torch.bincount(row, minlength=sparse_sizes[0])
        self.bounds = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        self.sizes, self.storage = sparse_sizes, Storage(row, col, value)

    def __getitem__(self, rows):
        counts = self.bounds[rows + 1] - self.bounds[rows]
        first = torch.repeat_interleave(self.bounds[rows] - (counts.cumsum(0) - counts), counts)
        places = first + torch.arange(int(counts.sum()))
        taken = SparseTensor.__new__(SparseTensor)
        taken.bounds = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        taken.sizes = (len(rows), self.sizes[1])
        taken.storage = Storage(
            torch.repeat_interleave(torch.arange(len(rows)), counts),
            self.storage.col()[places], self.storage.value()[places])
        return taken

    def set_value(self, _):
        return self

    def sum(self, dim):
        assert dim == 1
        return (self.bounds[1:] - self.bounds[:-1]).float()


def load(folder):
    """The classes SchNetWrap and DimeNetPlusPlusWrap of the code in `folder`."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    import torch_geometric.nn  # noqa: F401
    module("torch_scatter", scatter=scatter, segment_coo=segment_coo, segment_csr=segment_csr)
    module("torch_sparse", SparseTensor=SparseTensor)
    packages(os.path.join(os.path.abspath(folder), "ocpmodels"))
    schnet = importlib.import_module("ocpmodels.models.schnet").SchNetWrap
    dimenet = importlib.import_module("ocpmodels.models.dimenet_plus_plus").DimeNetPlusPlusWrap
    return {"schnet": schnet, "dimenetplusplus": dimenet}


def data(numbers, positions, cell):
    """One structure as the released networks take it."""
    return types.SimpleNamespace(
        atomic_numbers=numbers, pos=positions.clone(), cell=cell[None],
        natoms=torch.tensor([len(numbers)]), batch=torch.zeros(len(numbers), dtype=torch.long))


def evaluate(network, numbers, positions, cell):
    """Energy and forces from positions, graph and derivatives included."""
    energy, forces = network(data(numbers, positions, cell))
    return float(energy.detach()), forces.detach()


def compiled(network):
    """`evaluate` by what torch.compile makes of the network's energy and of its derivative.

    Sizes that vary are told to it, since a relaxation has another number of edges at every step.
    """
    energy = torch.compile(network._forward, dynamic=True)

    def evaluate(numbers, positions, cell):
        inputs = data(numbers, positions, cell)
        inputs.pos.requires_grad_(True)
        value = energy(inputs)
        slopes, = torch.autograd.grad(value.sum(), inputs.pos)
        return float(value.detach()), -slopes
    return evaluate
