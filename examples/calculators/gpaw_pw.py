# SPDX-License-Identifier: MIT
"""GPAW, PBE in plane waves: pip install gpaw gpaw-data (needs libxc, BLAS and MPI to build)"""

from gpaw import GPAW, PW, FermiDirac


def calculator():
    return GPAW(
        mode=PW(400),
        xc="PBE",
        # Without it the grid is coarse, and forces depend on where atoms lie in it.
        h=0.16,
        # By length of the cell: one calculator serves all structures.
        kpts={"density": 3.0, "gamma": True},
        occupations=FermiDirac(0.1),
        # Steps break the symmetry that a first geometry may have.
        symmetry={"point_group": False},
        txt=None)
