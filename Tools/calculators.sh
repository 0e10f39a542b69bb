#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every script of examples/calculators through relax, where its package is there.
#
#     Tools/calculators.sh BINARY [gpaw]
#
# Makes an environment of its own with ase, chgnet and tblite from PyPI (6 GB, since torch brings
# libraries for graphics processors along; with `gpaw` that too, which is compiled and needs libxc, BLAS
# and MPI), or takes that of PYTHON=… and installs nothing. Quantum ESPRESSO and VASP are run where they
# are set up, MACE and UMA where they are installed and WEIGHTS=1 lets them load their weights. Says what
# was skipped and why; exits with 1 if anything failed.
set -eu
[ $# -ge 1 ] || { sed -n '3,12p' "$0"; exit 64; }
relax=$(realpath "$1")
extra=${2:-}
examples=$(cd "$(dirname "$0")/../examples" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out"
if [ -z "${PYTHON:-}" ]; then
  python3 -m venv environment
  PYTHON=$out/environment/bin/python
  "$PYTHON" -m pip install --quiet ase tblite chgnet ${extra:+gpaw gpaw-data}
fi
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

cat > water.extxyz <<'END'
3
Properties=species:S:1:pos:R:3 Lattice="4.5 0 0 0 5 0 0 0 4.5" pbc="F F F" sid=water
O 2.20 2.50 2.30
H 2.20 3.30 1.72
H 2.25 1.72 1.70
3
Properties=species:S:1:pos:R:3 Lattice="4.5 0 0 0 5 0 0 0 4.5" pbc="F F F" sid=ion charge=1 spin=2
O 2.20 2.50 2.30
H 2.20 3.30 1.72
H 2.25 1.72 1.70
END
failed=0

has() { "$PYTHON" -c "import $1" 2> error; }  # whether a package imports

skip() { printf '%-18s skipped: %s\n' "$1" "$2"; }

try() {  # NAME, then what `relax run` gets beside the provider
  name=$1
  shift
  if "$relax" run "$@" -p "ase:script=$examples/calculators/$name.py,python=$PYTHON,retries=0" \
    -o "$name.extxyz" --summary "$name.jsonl" --quiet > log 2>&1 || [ $? = 3 ] &&
    ! grep -qE '"status": "(failed|invalid|diverged)"' "$name.jsonl"; then
    "$PYTHON" - "$name" <<'END'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + ".jsonl")]
print(f"{sys.argv[1]:18} ran: " + "; ".join(
    f"{line['id']} {line['status']}, {line['evaluations']} evaluations, {line['energy']:.4f} eV, "
    f"fmax {line['fmax']:.3f} eV/Å, {line['seconds']:.1f} s" for line in lines))
END
  else
    failed=1
    printf '%-18s FAILED\n' "$name"
    cat log "$name.jsonl" 2> /dev/null || true
  fi
}

if has tblite.ase; then try tblite_gfn1 water.extxyz --fmax 0.05
else skip tblite_gfn1 "$(tail -n 1 error)"; fi
if has chgnet; then try chgnet_mptrj "$examples/slabs.extxyz" --select 'natoms<=20' --fmax 0.1 --steps 30
else skip chgnet_mptrj "$(tail -n 1 error)"; fi
if has gpaw; then try gpaw_pw water.extxyz --pbc TTT --select sid=water --steps 0
else skip gpaw_pw "$(tail -n 1 error)"; fi

export PSEUDO_DIR="${PSEUDO_DIR:-/usr/share/espresso/pseudo}"
if ! command -v "${PW_COMMAND:-pw.x}" > /dev/null; then skip espresso_pw "no pw.x"
elif [ ! -e "$PSEUDO_DIR/O.pbe-kjpaw.UPF" ]; then skip espresso_pw "no O.pbe-kjpaw.UPF in $PSEUDO_DIR"
else try espresso_pw water.extxyz --select sid=water --steps 2; fi

if [ -z "${ASE_VASP_COMMAND:-}" ] || [ -z "${VASP_PP_PATH:-}" ]; then
  skip vasp_pbe "ASE_VASP_COMMAND and VASP_PP_PATH are not both set"
else try vasp_pbe water.extxyz --select sid=water --steps 2; fi

for pair in mace_mp:mace fairchem_uma:fairchem.core; do
  if [ -z "${WEIGHTS:-}" ]; then skip "${pair%:*}" "its weights come from the network; WEIGHTS=1 lets it"
  elif has "${pair#*:}"; then try "${pair%:*}" "$examples/slabs.extxyz" --select 'natoms<=20' --steps 2
  else skip "${pair%:*}" "$(tail -n 1 error)"; fi
done
exit $failed
