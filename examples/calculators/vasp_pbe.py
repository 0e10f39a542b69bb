# SPDX-License-Identifier: MIT
"""VASP through ASE. Set ASE_VASP_COMMAND ("mpirun -n 16 vasp_std") and VASP_PP_PATH."""

import os

from ase.calculators.vasp import Vasp


class ConvergedVasp(Vasp):
    def calculate(self, *arguments, **keywords):
        super().calculate(*arguments, **keywords)
        # ASE takes the forces of a calculation that used up NELM as any others.
        if not self.converged:
            raise RuntimeError("the electrons did not converge")


def calculator():
    # VASP reads and writes where it runs: each process of relax needs a folder of its own.
    folder = f"vasp-{os.environ.get('RELAX_WORKER', '0')}"
    return ConvergedVasp(
        directory=folder, xc="PBE", encut=400, kspacing=0.25, kgamma=True,
        ismear=1, sigma=0.2, ediff=1e-5, lreal="Auto",
        # One evaluation a run: relax moves the atoms. lwave=True saves electronic steps where all
        # structures have one cell and one number of atoms; else the next one finds a foreign WAVECAR.
        nsw=0, ibrion=-1, lwave=False, lcharg=False)
