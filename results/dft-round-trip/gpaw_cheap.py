# SPDX-License-Identifier: MIT
"""The same at a cheaper level: fewer plane waves, and GPAW's own grid."""

from gpaw import PW
from gpaw_pbe import GPAWByStructure


class Cheap(GPAWByStructure):
    level = {"mode": PW(300)}


def calculator():
    return Cheap()
