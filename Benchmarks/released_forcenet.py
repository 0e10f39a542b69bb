# SPDX-License-Identifier: MIT
"""Loads the released ForceNet from a folder with the Open Catalyst Project's code (`ocpmodels`).

The code is used as it is. Packages that it needs but that have no wheels, or that no longer have
what it calls, get stand-ins in memory: sums by index for torch_scatter, message passing for
torch_geometric, and `sph_harm`, which SciPy removed in 1.17. The package's own `__init__` files are
skipped, since they load every other model.
"""

import importlib
import os
import sys
import types

import torch


def module(name, **contents):
    """Installs a module of that name that holds `contents`, unless there is one."""
    if name not in sys.modules:
        made = types.ModuleType(name)
        sys.modules[name] = made
        if "." in name:
            parent, _, child = name.rpartition(".")
            setattr(sys.modules[parent], child, made)
    for key, value in contents.items():
        setattr(sys.modules[name], key, value)


def scatter(values, index, dim=0, reduce="add"):
    assert dim == 0 and reduce == "add"
    count = int(index.max()) + 1
    return values.new_zeros(count, *values.shape[1:]).index_add_(0, index, values)


def segment_coo(values, index, dim_size):
    return values.new_zeros(int(dim_size)).index_add_(0, index, values)


def segment_csr(values, bounds):
    sums = torch.cat([values.new_zeros(1), values.cumsum(0)])
    return sums[bounds[1:]] - sums[bounds[:-1]]


class MessagePassing(torch.nn.Module):
    """Gathers at sources, asks `message`, sums at targets."""

    def __init__(self, aggr="add"):
        super().__init__()
        assert aggr == "add"

    def propagate(self, edge_index, x, W):
        source, target = edge_index
        messages = self.message(x[source], W)
        return x.new_zeros(x.shape[0], messages.shape[1]).index_add_(0, target, messages)


def refuse(*_, **__):
    raise NotImplementedError("not needed by ForceNet with periodic structures")


def packages(package):
    """The released code's packages without their `__init__`, and what they import but do not use."""
    for name in ["yaml", "matplotlib"]:
        try:
            importlib.import_module(name)
        except ImportError:
            module(name)
    if not hasattr(sys.modules["matplotlib"], "__path__"):
        module("matplotlib.backends")
        module("matplotlib.backends.backend_agg", FigureCanvasAgg=object)
        module("matplotlib.figure", Figure=object)
    for part in ["", "common", "models", "models.utils", "datasets"]:
        name = f"ocpmodels.{part}".rstrip(".")
        module(name, __path__=[os.path.join(package, *part.split("."))])


def load(folder):
    """The class ForceNet of the code in `folder`."""
    package = os.path.join(os.path.abspath(folder), "ocpmodels")
    if not os.path.isfile(os.path.join(package, "models", "forcenet.py")):
        sys.exit(f"{folder} does not hold ocpmodels/models/forcenet.py; fetch the code with\n"
                 "  git clone https://github.com/Open-Catalyst-Project/ocp && "
                 "git -C ocp checkout c6d6d46c")
    module("torch_scatter", scatter=scatter, segment_coo=segment_coo, segment_csr=segment_csr)
    module("torch_geometric", __version__="2.0")
    module("torch_geometric.nn", MessagePassing=MessagePassing, radius_graph=refuse)
    module("torch_geometric.data", Data=object)
    module("torch_geometric.utils", remove_self_loops=refuse)
    import scipy.special
    if not hasattr(scipy.special, "sph_harm"):
        scipy.special.sph_harm = lambda m, n, azimuth, polar: scipy.special.sph_harm_y(
            n, m, polar, azimuth)
    packages(package)
    return importlib.import_module("ocpmodels.models.forcenet").ForceNet


def make(folder, network, width, blocks):
    """The released ForceNet with the weights of `network`, in evaluation mode."""
    released = load(folder)(
        None, None, None, hidden_channels=width, num_interactions=blocks,
        decoder_hidden_channels=width, otf_graph=True)
    missing, unexpected = released.load_state_dict(network.state_dict(), strict=False)
    # Frequencies are constants, which the file leaves out.
    missing = [name for name in missing if not name.endswith("freq_filter")]
    if missing or unexpected:
        sys.exit(f"the released ForceNet has other tensors: {missing} missing, "
                 f"{unexpected} not known")
    return released.eval()


def evaluate(released, slab):
    """Energy and forces from positions, graph included."""
    data = types.SimpleNamespace(
        atomic_numbers=slab.numbers, pos=slab.positions, cell=slab.cell[None],
        natoms=torch.tensor([len(slab.numbers)]),
        batch=torch.zeros(len(slab.numbers), dtype=torch.long))
    with torch.no_grad():
        return released(data)
