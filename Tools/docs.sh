#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the documentation of the library by the toolchain's docc: docs.sh [FOLDER]. No package is needed
# for it, and no network.
set -eu
cd "$(dirname "$0")/.."
out=${1:-docs-output}
docc=$(dirname "$(readlink -f "$(command -v swift)")")/docc
[ -x "$docc" ] || { echo "this Swift toolchain has no docc: $docc" >&2; exit 1; }

swift build --target RelaxationEngine
built=$(swift build --show-bin-path)
work=$built/documentation
rm -rf "$work" "$out"
target=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)",/\1/p' | head -n 1)
# Where modules are, those of C included.
search="-I $built/Modules -I Sources/COpenBLAS -I Sources/CZlib -I Sources/CLZMA -I Sources/CSQLite"
search="$search -I .build/checkouts/Yams/Sources/CYaml/include"
search="$search -Xcc -fmodule-map-file=$built/CKernels.build/module.modulemap"
search="$search -Xcc -fmodule-map-file=$built/CKIM.build/module.modulemap"
search="$search $(pkg-config --cflags openblas | sed 's/-I/-Xcc -I/g')"
for module in RelaxationEngine Structures StructureFiles Forces ExternalForces Networks Relaxation Sampling Scoring \
  Training Files RelaxNumerics; do
  mkdir -p "$work/symbols/$module"
  # shellcheck disable=SC2086
  swift symbolgraph-extract -module-name "$module" -target "$target" $search \
    -minimum-access-level public -skip-inherited-docs -output-dir "$work/symbols/$module"
  catalog=Sources/$module/$module.docc
  [ -d "$catalog" ] || catalog=
  # shellcheck disable=SC2086
  "$docc" convert $catalog --additional-symbol-graph-dir "$work/symbols/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
    --output-path "$work/$module.doccarchive"
done
"$docc" merge "$work"/*.doccarchive --synthesized-landing-page-name Relax \
  --synthesized-landing-page-kind Library --output-path "$out"
echo "written: $out; python3 -m http.server -d $out shows it at /documentation"
