# SPDX-License-Identifier: MIT
"""GPAW as the reference relaxations were made with it: `ase:script=gpaw_pbe.py`.

`calculator()` is called once a process, but k-points belong to a structure and a GPAW to one number of
atoms. So this calculator makes a GPAW of its own for each structure, with `info["kpts"]` of its frame.
"""

from ase.calculators.calculator import Calculator, all_changes
from gpaw import GPAW, PW, FermiDirac


class GPAWByStructure(Calculator):
    implemented_properties = ["energy", "free_energy", "forces"]
    structure = gpaw = None
    # Without h the grid is coarse, and forces depend on where atoms lie in it.
    level = {"mode": PW(400), "h": 0.16}

    def calculate(self, atoms, properties, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        # The steps of one structure come as one Atoms object, so that its density goes from step to
        # step as in ASE's own relaxations; another structure begins anew, whatever came before.
        if atoms is not self.structure:
            self.structure = atoms
            self.gpaw = GPAW(
                **self.level,
                xc="PBE",
                kpts=[int(count) for count in atoms.info["kpts"]],
                occupations=FermiDirac(0.1),
                # Steps break the symmetry that the first geometry may have.
                symmetry={"point_group": False},
                convergence={"density": 1e-4, "energy": 1e-4},
                txt=None)
        work = atoms.copy()
        work.calc = self.gpaw
        self.results = {
            "energy": work.get_potential_energy(),
            "free_energy": work.get_potential_energy(force_consistent=True),
            "forces": work.get_forces(apply_constraint=False)}


def calculator():
    return GPAWByStructure()
