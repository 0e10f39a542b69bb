#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes the extended-XYZ reader and writer with libFuzzer and the address sanitizer.
#
#   Fuzzing/fuzz-extxyz.sh [SECONDS]
#
# Ends with status 0 if nothing was found. Inputs that crash are left in .build-fuzz/ beside the
# corpus, which later runs take up again.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
out=.build-fuzz
mkdir -p "$out/corpus" "$out/modules/CKernels"
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
[ -x "$clang" ] || clang=clang

cat > "$out/modules/CKernels/module.modulemap" <<MAP
module CKernels { header "$PWD/Sources/CKernels/include/kernels.h" export * }
MAP
objects=
for source in Sources/CKernels/*.c; do
  object=$out/$(basename "$source" .c).o
  "$clang" -c -O1 -g -fsanitize=address,fuzzer-no-link -ISources/CKernels/include "$source" \
    -o "$object"
  objects="$objects $object"
done

openblas_flags=$(pkg-config --cflags openblas | sed 's/-I/-Xcc -I/g')
# Sources in the order of the modules; a module is built whole, as in a release.
build() {
  name=$1
  shift
  # shellcheck disable=SC2086
  swiftc -O -g -wmo -parse-as-library -swift-version 6 -sanitize=fuzzer,address \
    -module-name "$name" -emit-module -emit-module-path "$out/modules/$name.swiftmodule" \
    -I "$out/modules" -I "$out/modules/CKernels" \
    -I Sources/COpenBLAS -I Sources/CZlib -I Sources/CLZMA $openblas_flags \
    -c "$@" -o "$out/$name.o"
  objects="$objects $out/$name.o"
}
build RelaxNumerics Sources/RelaxNumerics/*.swift
build Structures Sources/Structures/*.swift
build StructureFiles Sources/StructureFiles/*.swift Fuzzing/ExtxyzFuzzer.swift

# shellcheck disable=SC2086,SC2046
swiftc -sanitize=fuzzer,address $objects $(pkg-config --libs openblas) -lz -llzma \
  -o "$out/fuzz-extxyz" 2> "$out/link.log" || { cat "$out/link.log" >&2; exit 1; }

for seed in Fuzzing/seeds/*.extxyz; do
  name=$(basename "$seed")
  cp "$seed" "$out/corpus/$name"
  gzip -nc "$seed" > "$out/corpus/$name.gz"
  xz -c "$seed" > "$out/corpus/$name.xz"
done
# libFuzzer stops at the first input that crashes, hangs or eats memory.
OPENBLAS_NUM_THREADS=1 SWIFT_BACKTRACE=enable=no "$out/fuzz-extxyz" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
  -rss_limit_mb=3000 -dict=Fuzzing/extxyz.dict -artifact_prefix="$out/" -print_final_stats=1 \
  "$out/corpus"
