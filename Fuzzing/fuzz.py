#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fuzzes what reads files from outside, with libFuzzer and the address sanitizer.

    Fuzzing/fuzz.py TARGET [SECONDS]      all TARGETs, 60 seconds each, if none is named

A target NAME is the file Fuzzing/NAMEFuzzer.swift. Its line `// Fuzzes MODULE:` says which module it is
compiled into, so that it can read from memory; one with `// Fuzzes MODULE, with FILE:` is compiled with
that file into a module of its own, so that MODULE is compiled once for many. Fuzzing/seeds/NAME.* are
what it starts from, and Fuzzing/name.dict words that it likes. Ends with status 0 if nothing was found;
inputs that crash are left in .build-fuzz/ beside the corpus, which later runs take up again.
"""
import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".build-fuzz"
TOOLS = Path(shutil.which("swiftc")).resolve().parent
SANITIZE = "-sanitize=fuzzer,address"
# Modules that read all that comes from outside: worth the minutes that optimising them takes.
READERS = {"RelaxNumerics", "Structures", "Files", "StructureFiles"}


def run(*command, **options):
    return subprocess.run([str(c) for c in command], cwd=ROOT, check=True, text=True, **options)


def describe():
    """The package's targets by name, those of packages that it uses included where we need them."""
    run("swift", "package", "resolve")
    text = run("swift", "package", "describe", "--type", "json", stdout=subprocess.PIPE).stdout
    targets = {t["name"]: t for t in json.loads(text)["targets"]}
    for target in targets.values():
        target["folder"] = ROOT / target["path"]
    yams = ROOT / ".build/checkouts/Yams/Sources"
    targets["CYaml"] = {"name": "CYaml", "type": "library", "module_type": "ClangTarget",
                        "folder": yams / "CYaml"}
    targets["Yams"] = {"name": "Yams", "type": "library", "module_type": "SwiftTarget",
                       "folder": yams / "Yams", "target_dependencies": ["CYaml"]}
    return targets


def needs(name, targets, found=None):
    """The module and all below it, those below first."""
    found = [] if found is None else found
    target = targets[name]
    below = target.get("target_dependencies", []) + target.get("product_dependencies", [])
    for other in below:
        if other not in found:
            needs(other, targets, found)
    if name not in found:
        found.append(name)
    return found


def newest(paths):
    return max((p.stat().st_mtime for p in paths), default=0)


def search_paths():
    flags = ["-I", OUT / "modules"]
    for name in ["COpenBLAS", "CZlib", "CLZMA", "CSQLite"]:
        flags += ["-I", f"Sources/{name}"]
    for folder in [ROOT / "Sources/CKernels/include", ROOT / ".build/checkouts/Yams/Sources/CYaml/include"]:
        flags += ["-Xcc", f"-I{folder}", "-I", folder]
    openblas = run("pkg-config", "--cflags", "openblas", stdout=subprocess.PIPE).stdout.split()
    return flags + [part for flag in openblas for part in ("-Xcc", flag)]


def compile_c(target):
    """Objects of a module of C, and a module map for one that has none."""
    folder, objects = target["folder"], []
    include = folder / "include"
    if not (include / "module.modulemap").exists():
        modules = OUT / "modules" / target["name"]
        modules.mkdir(parents=True, exist_ok=True)
        headers = "\n".join(f'  header "{header}"' for header in sorted(include.glob("*.h")))
        (modules / "module.modulemap").write_text(f"module {target['name']} {{\n{headers}\n  export *\n}}\n")
    for source in sorted(folder.rglob("*.c")):
        made = OUT / f"{target['name']}-{source.stem}.o"
        if not made.exists() or made.stat().st_mtime < newest(folder.rglob("*.*")):
            run(TOOLS / "clang", "-c", "-O1", "-g", "-fsanitize=address,fuzzer-no-link", f"-I{include}",
                "-DYAML_DECLARE_EXPORT", source, "-o", made)
        objects.append(made)
    return objects


def compile_swift(name, sources, below, made, is_imported=True):
    """An object of Swift, whole as in a release, made if what it is of or a module `below` is newer."""
    modules = [m for m in (OUT / "modules" / f"{other}.swiftmodule" for other in below) if m.exists()]
    if made.exists() and made.stat().st_mtime >= newest([*sources, *modules]):
        return [made]
    module = OUT / "modules" / f"{name}.swiftmodule"
    emission = ["-emit-module", "-emit-module-path", module, "-enable-testing"] if is_imported else []
    run("swiftc", "-O" if name in READERS else "-Onone", "-g", "-wmo", "-parse-as-library", "-swift-version",
        "5" if name == "Yams" else "6", SANITIZE, "-package-name", "relax",
        "-D", "SWIFT_PACKAGE", "-module-name", name, *emission, *search_paths(), "-c", *sources, "-o", made)
    if is_imported:
        os.utime(module, (made.stat().st_mtime,) * 2)
    return [made]


def build(name):
    fuzzer = ROOT / "Fuzzing" / f"{name}Fuzzer.swift"
    home, shared = re.search(r"^// Fuzzes (\w+)(?:, with (\S+):)?", fuzzer.read_text(), re.MULTILINE).groups()
    targets = describe()
    objects, modules = [], needs(home, targets)
    for module in modules:
        target = targets[module]
        if target["module_type"] == "ClangTarget":
            objects += compile_c(target)
        elif target["module_type"] == "SwiftTarget":
            sources, below = sorted(target["folder"].rglob("*.swift")), needs(module, targets)[:-1]
            if module == home and not shared:
                made = OUT / f"{module}{fuzzer.stem}.o"
                objects += compile_swift(module, [*sources, fuzzer], below, made, is_imported=False)
            else:
                objects += compile_swift(module, sources, below, OUT / f"{module}.o")
    if shared:
        sources = [fuzzer.parent / shared, fuzzer]
        objects += compile_swift(fuzzer.stem, sources, modules, OUT / f"{fuzzer.stem}.o", is_imported=False)
    libraries = run("pkg-config", "--libs", "openblas", stdout=subprocess.PIPE).stdout.split()
    program = OUT / f"fuzz-{name}"
    run("swiftc", SANITIZE, *objects, *libraries, "-lz", "-llzma", "-lsqlite3", "-o", program)
    return program


def corpus(name):
    """The folder of inputs: what earlier runs found, and the seeds, packed too where that is read."""
    folder = OUT / f"corpus-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for seed in (ROOT / "Fuzzing/seeds").glob(f"{name}.*" if name != "Extxyz" else "*.extxyz"):
        content = seed.read_bytes()
        (folder / seed.name).write_bytes(content)
        if name == "Extxyz":
            (folder / f"{seed.name}.gz").write_bytes(gzip.compress(content, mtime=0))
            (folder / f"{seed.name}.xz").write_bytes(lzma.compress(content))
    return folder


def main():
    names = sorted(f.name[: -len("Fuzzer.swift")] for f in (ROOT / "Fuzzing").glob("*Fuzzer.swift"))
    arguments = sys.argv[1:]
    seconds = arguments.pop() if arguments and arguments[-1].isdigit() else "60"
    if unknown := [a for a in arguments if a not in names]:
        sys.exit(f"fuzz.py: no target {unknown[0]}; there are {', '.join(names)}")
    (OUT / "modules").mkdir(parents=True, exist_ok=True)
    # libFuzzer stops at the first input that crashes, hangs or eats memory.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no"}
    # Readers that jump about keep what came from memory in a temporary file.
    if (memory := Path("/dev/shm")).is_dir():
        environment |= {"TMPDIR": str(memory)}
    for name in arguments or names:
        program, dictionary = build(name), ROOT / "Fuzzing" / f"{name.lower()}.dict"
        words = [f"-dict={dictionary}"] if dictionary.exists() else []
        inputs = corpus(name)
        longest = max([4096, *(seed.stat().st_size for seed in inputs.iterdir())])
        run(program, f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=10", "-rss_limit_mb=3000",
            f"-artifact_prefix={OUT}/{name}-", "-print_final_stats=1", *words, inputs, env=environment)


if __name__ == "__main__":
    main()
