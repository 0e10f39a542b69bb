# SPDX-License-Identifier: MIT
"""Quantum ESPRESSO through ASE. PSEUDO_DIR: folder of the UPF files named below."""

import os

from ase.calculators.espresso import Espresso, EspressoProfile

PSEUDOPOTENTIALS = {"Cu": "Cu.pbe-kjpaw.UPF", "O": "O.pbe-kjpaw.UPF", "H": "H.pbe-kjpaw.UPF"}


def calculator():
    # pw.x writes where it runs: each process of relax needs a folder of its own.
    folder = f"espresso-{os.environ.get('RELAX_WORKER', '0')}"
    profile = EspressoProfile(
        command=os.environ.get("PW_COMMAND", "pw.x"), pseudo_dir=os.environ["PSEUDO_DIR"])
    return Espresso(
        profile=profile, directory=folder, pseudopotentials=PSEUDOPOTENTIALS,
        # 1/Å without the factor 2π, so this is VASP's KSPACING=0.25. One along an axis without repetition.
        kspacing=0.04,
        input_data={
            "control": {"tprnfor": True, "outdir": "./scratch", "disk_io": "low"},
            "system": {
                "ecutwfc": 30, "ecutrho": 200,
                "occupations": "smearing", "smearing": "mv", "degauss": 0.01},
            "electrons": {"conv_thr": 1e-7}})
