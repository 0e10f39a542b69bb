# SPDX-License-Identifier: MIT
"""ForceNet and GNS in plain PyTorch, in the published order of operations.

Every edge carries its own D-wide intermediates and nothing is folded or split, as in the released
code, whose tensor names these modules share. Directions alone are treated better: harmonics are
polynomials here, not calls of SciPy. Needs torch and numpy.
"""

import math
import types

import numpy as np
import torch
from torch import nn

CUTOFF, NEIGHBORS, FREQUENCIES = 6.0, 50, 50


def structure(atoms):
    """The tensors of an ASE structure, in single precision."""
    return types.SimpleNamespace(
        numbers=torch.tensor(atoms.numbers, dtype=torch.long),
        positions=torch.tensor(atoms.positions, dtype=torch.float32),
        cell=torch.tensor(np.array(atoms.cell), dtype=torch.float32))


def neighbor_graph(positions, cell):
    """Source, target, vector to the source and distance of each edge: the 50 nearest within 6 Å.

    Periodic along all axes; all pairs of atoms in all images are looked at, which is fast enough
    for some hundred atoms.
    """
    across = torch.linalg.cross(cell[[1, 2, 0]], cell[[2, 0, 1]])
    heights = (cell[0] @ across[0]).abs() / across.norm(dim=1)
    repeats = torch.ceil(CUTOFF / heights).long().tolist()
    images = torch.cartesian_prod(*(torch.arange(-n, n + 1.0) for n in repeats))
    vectors = (positions[None, :, None] + (images.to(cell) @ cell)[None, None]
               - positions[:, None, None]).view(len(positions), -1, 3)
    squares = vectors.square().sum(-1)
    squares[(squares > CUTOFF**2) | (squares <= 1e-4)] = math.inf
    nearest, places = squares.topk(min(NEIGHBORS, squares.shape[1]), largest=False)
    target, rank = torch.nonzero(torch.isfinite(nearest), as_tuple=True)
    place = places[target, rank]
    vector = vectors[target, place]
    return place // len(images), target, vector, vector.norm(dim=1)


def sines(features):
    """sin(1.1^k x) of each column, all columns of one k together; powers rounded as released."""
    powers = 1.1 ** torch.arange(FREQUENCIES, dtype=torch.float32)
    return torch.sin(features.repeat(1, FREQUENCIES)
                     * powers.repeat_interleave(features.shape[1]))


def harmonics(direction):
    """The nine spherical harmonics of degree below 3: m = 0, then real, then imaginary parts."""
    x, y, z = direction.unbind(1)
    a, b = math.sqrt(3 / (8 * math.pi)), math.sqrt(15 / (8 * math.pi))
    return torch.stack([
        torch.full_like(x, 0.5 / math.sqrt(math.pi)), math.sqrt(3 / (4 * math.pi)) * z,
        math.sqrt(5 / (16 * math.pi)) * (3 * z * z - 1), -a * x, -b * x * z,
        b / 2 * (x * x - y * y), -a * y, -b * y * z, b * x * y], dim=1)


def sum_at(target, messages, count):
    """The sum of the messages that each of `count` atoms receives."""
    return messages.new_zeros(count, messages.shape[1]).index_add_(0, target, messages)


class Swish(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x) * x


class EdgeBasis(nn.Module):
    """Harmonics times four mixtures of the distances' sines, 36 in all."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4 * FREQUENCIES, 4)

    def forward(self, direction, distances):
        radial = self.lin(sines(distances))
        return torch.einsum("em,es->ems", harmonics(direction), radial).flatten(1)


class ForceNetBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.center_W = nn.Parameter(torch.empty(1, width))
        self.lin_basis = nn.Linear(36, width)
        self.mlp_edge = nn.Sequential(
            nn.Linear(3 * width, width), Swish(), nn.Linear(width, width), Swish(),
            nn.Linear(width, width))
        self.lin = nn.Linear(width, width)
        self.mlp_trans = nn.Sequential(
            nn.Linear(width, width), nn.BatchNorm1d(width), Swish(), nn.Linear(width, width))

    def forward(self, h, source, target, basis, weight):
        edges = torch.cat([self.lin_basis(basis), h[source], h[target]], dim=1)
        filters = self.mlp_edge(edges) * weight[:, None]
        v = self.lin(h)
        return self.mlp_trans(
            sum_at(target, v[source] * filters, len(h)) + self.center_W * v)


class ForceNetDecoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.decoder = nn.Sequential(
            nn.Linear(width, width), nn.BatchNorm1d(width), Swish(), nn.Linear(width, 3))

    def forward(self, h):
        return self.decoder(h)


class ForceNet(nn.Module):
    """The paper's ForceNet with its decoder as wide as the rest."""

    def __init__(self, width, blocks):
        super().__init__()
        self.atom_map = nn.Parameter(torch.zeros(101, 9), requires_grad=False)
        self.atom_radii = nn.Parameter(torch.zeros(101), requires_grad=False)
        # Place 0 is the sines, which have no trained tensors.
        self.embedding = nn.Sequential(nn.Identity(), nn.Linear(9 * FREQUENCIES, width))
        self.basis_fun = EdgeBasis()
        self.interactions = nn.ModuleList(ForceNetBlock(width) for _ in range(blocks))
        self.lin = nn.Linear(width, width)
        self.decoder = ForceNetDecoder(width)
        self.energy_mlp = nn.Linear(width, 1)

    def forward(self, numbers, source, target, vector, distance):
        h = self.embedding[1](sines(self.atom_map[numbers]))
        radii = self.atom_radii[numbers]
        distances = torch.stack(
            [distance, distance - radii[source], distance - radii[target],
             distance - radii[source] - radii[target]], dim=1) / CUTOFF
        basis = self.basis_fun(vector / distance[:, None], distances.clamp(min=1e-3))
        weight = torch.cos(0.5 * math.pi * distance / CUTOFF)
        for block in self.interactions:
            h = h + block(h, source, target, basis, weight)
        last = self.lin(h)
        last = torch.sigmoid(last) * last
        return self.energy_mlp(last.sum(0)), self.decoder(last)

    @property
    def last_layer(self):
        return self.decoder.decoder[3]


class GNSBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.edge_mlp = nn.Sequential(
            nn.Linear(2 * width + 7, width), nn.LayerNorm(width), nn.ReLU(),
            nn.Linear(width, width))
        self.node_lin = nn.Linear(width, width)
        self.node_bn = nn.BatchNorm1d(width)

    def forward(self, h, source, target, features):
        messages = self.edge_mlp(torch.cat([h[target], features, h[source]], dim=1))
        return self.node_bn(self.node_lin(sum_at(target, messages, len(h))))


class GNS(nn.Module):
    """The baseline of the paper's appendix E, for which no code was released."""

    def __init__(self, width, blocks):
        super().__init__()
        self.atom_map = nn.Parameter(torch.zeros(101, 9), requires_grad=False)
        self.atom_radii = nn.Parameter(torch.zeros(101), requires_grad=False)
        self.node_embedding = nn.Linear(9, width)
        self.layers = nn.ModuleList(GNSBlock(width) for _ in range(blocks))
        self.decoder = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 3))

    def forward(self, numbers, source, target, vector, distance):
        h = self.node_embedding(self.atom_map[numbers])
        radii = self.atom_radii[numbers]
        distances = torch.stack(
            [distance, distance - radii[source], distance - radii[target],
             distance - radii[source] - radii[target]], dim=1) / CUTOFF
        features = torch.cat([vector / distance[:, None], distances.clamp(min=1e-3)], dim=1)
        for layer in self.layers:
            h = h + layer(h, source, target, features)
        return h.new_zeros(1), self.decoder(h)

    @property
    def last_layer(self):
        return self.decoder[2]


NETWORKS = {"forcenet": ForceNet, "gns": GNS}


def random_network(kind, width, blocks, slabs, seed):
    """A network in evaluation mode with seeded weights, calibrated on `slabs`.

    Statistics of batch normalisations that do not fit the structures let single precision
    overflow: they are taken from one pass over all slabs at once. The last layer is scaled to
    forces of some 0.3 eV/Å. Element tables are made up: the time does not depend on them.
    """
    from ase.data import covalent_radii

    torch.manual_seed(seed)
    network = NETWORKS[kind](width, blocks)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if name == "atom_map":
                tensor.uniform_(0, 1)
            elif name == "atom_radii":
                tensor.copy_(torch.tensor(covalent_radii[:101]))
            elif tensor.ndim == 2:
                nn.init.xavier_uniform_(tensor)
            elif name.endswith("weight"):
                tensor.uniform_(0.9, 1.1)
            else:
                tensor.uniform_(-0.05, 0.05)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.momentum = None  # averages over the passes made, here one
        graphs, first = [], 0
        for slab in slabs:
            source, target, vector, distance = neighbor_graph(slab.positions, slab.cell)
            graphs.append((slab.numbers, source + first, target + first, vector, distance))
            first += len(slab.numbers)
        union = [torch.cat(tensors) for tensors in zip(*graphs)]
        network.train()(*union)
        network.eval()
        _, forces = network(*union)
        scale = 0.3 / forces.square().mean().sqrt()
        network.last_layer.weight *= scale
        network.last_layer.bias *= scale
    return network


def evaluate(network, slab):
    """Energy and forces from positions, graph included."""
    with torch.no_grad():
        return network(slab.numbers, *neighbor_graph(slab.positions, slab.cell))
