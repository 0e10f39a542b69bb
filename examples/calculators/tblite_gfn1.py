# SPDX-License-Identifier: MIT
"""GFN1-xTB by tblite: pip install tblite. Charge and multiplicity come from each frame's comment."""

from tblite.ase import TBLite


class GFN1(TBLite):
    def check_state(self, atoms, tol=1e-15):
        # A frame's `charge` and `spin` (its multiplicity) are in atoms.info. ASE does not look there
        # for changes, and would give the neutral molecule's results to an ion of the same geometry.
        same = self.atoms and all(
            self.atoms.info.get(key) == atoms.info.get(key) for key in ["charge", "spin"])
        return super().check_state(atoms, tol) or ([] if same else ["info"])

    def calculate(self, atoms, properties, system_changes):
        self.set(charge=atoms.info.get("charge", 0), multiplicity=atoms.info.get("spin"))
        super().calculate(atoms, properties, system_changes)


def calculator():
    return GFN1(method="GFN1-xTB", verbosity=0)
