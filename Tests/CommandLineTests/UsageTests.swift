// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What a user gets for a wrong command, word for word: the exit code and the first line.
@Suite("Wrong usage and wrong input")
struct UsageTests {
  typealias Case = WrongCommand

  static let cases: [Case] = [
    Case(arguments: "run", mentions: ["inputs"]),
    Case(arguments: "good.xyz", mentions: ["--provider"]),
    Case(
      arguments: "good.xyz -p emt --fmax=-1", status: 64,
      message: "Error: --fmax -1.0: a force in eV/Å, 0 or larger, is needed"),
    Case(
      arguments: "good.xyz -p emt --fmax -1", status: 64,
      message: "Error: --fmax -1.0: a force in eV/Å, 0 or larger, is needed"),
    Case(
      arguments: "good.xyz -p emt --steps -5", status: 64,
      message: "Error: --steps -5: 0 or more are needed"),
    Case(
      arguments: "help foo", status: 64,
      message: "relax: help: there is no command `foo`; possible are run, check, score, compare, "
        + "report, view, predict, evaluate, sample, train, convert, info, plan, status, merge, "
        + "serve, model, doctor"),
    Case(
      arguments: "help scroe", status: 64,
      message: "relax: help: there is no command `scroe`; did you mean `score`? Possible are run, "
        + "check, score, compare, report, view, predict, evaluate, sample, train, convert, info, plan, "
        + "status, merge, serve, model, doctor"
    ),
    Case(
      arguments: "help model inof", status: 64,
      message: "relax: help: there is no command `inof`; did you mean `info`? Possible are init, "
        + "import, info"),
    Case(
      arguments: "rnu good.xyz -p emt", status: 66,
      message: "relax: rnu: there is no such file, and there is no command of that "
        + "name; did you mean `run`? Possible are run, check, score, compare, report, view, predict, "
        + "evaluate, sample, train, convert, info, plan, status, merge, "
        + "serve, model, doctor"),
    Case(
      arguments: "good.xyz -p emt --fmax nan", status: 64,
      message: "Error: --fmax nan: a force in eV/Å, 0 or larger, is needed"),
    Case(
      arguments: "good.xyz -p emt --steps=-5", status: 64,
      message: "Error: --steps -5: 0 or more are needed"),
    Case(
      arguments: "good.xyz -p emt --memory-limit 8", status: 64,
      message:
        "relax: --memory-limit 8: a size with its unit is needed, such as 8GB, 500MB or 2GiB, or "
        + "auto"),
    Case(
      arguments: "good.xyz -p emt --memory-limit 10KB",
      mentions: [
        "--memory-limit 10KB: relax takes ", "MB before it begins with a structure; give more",
      ]),
    Case(
      arguments: "good.xyz -p emt --threads 0", status: 64,
      message: "Error: --threads 0: 1 to 4096 are possible"),
    Case(
      arguments: "good.xyz -p emt --resume --overwrite", status: 64,
      message: "Error: --resume keeps the outputs and --overwrite replaces them: choose one"),
    Case(
      arguments: "good.xyz -p emt --scheme ocp2021 --optimizer fire", status: 64,
      message: "relax: the scheme ocp2021 is defined for lbfgs only, not for fire"),
    Case(
      arguments: "good.xyz -p emt --optimizer fire --memory 3", status: 64,
      message: "relax: the optimizer fire has no setting --memory"),
    Case(
      arguments: "good.xyz -p emt --optimizer bfgs --damping 0.5", status: 64,
      message: "relax: the optimizer bfgs has no setting --damping"),
    Case(
      arguments: "good.xyz -p emt --scheme robust --optimizer bfgs", status: 64,
      message: "relax: the scheme robust is defined for lbfgs only, not for bfgs"),
    Case(
      arguments: "good.xyz -p emt --scheme robust --memory 0", status: 64,
      message: "relax: --memory 0: the value must be positive"),
    Case(
      arguments: "good.xyz -p emt --optimizer lbfgs-linesearch --memory 3", status: 64,
      message: "relax: there is no optimizer lbfgs-linesearch here: a line search needs energies "
        + "whose gradient the forces are everywhere; networks that predict forces have none, and where a neighbour "
        + "comes in, the energies of the others jump; "
        + "possible are lbfgs, bfgs, fire"),
    Case(
      arguments: "good.xyz -p emt --optimizer newton",
      mentions: ["newton", "--optimizer", "lbfgs", "bfgs", "fire"]),
    Case(
      arguments: "good.xyz -p emt --max-step 0", status: 64,
      message: "relax: --max-step 0.0: the value must be positive"),
    Case(
      arguments: "good.xyz -p emt --memory=-1", status: 64,
      message: "relax: --memory -1: the value must be positive"),
    Case(arguments: "good.xyz -p emt --frames some", mentions: ["some", "--frames"]),
    Case(arguments: "good.xyz -p emt --frames every:0", mentions: ["every:0", "--frames"]),
    Case(arguments: "good.xyz -p emt --select role", mentions: ["role", "--select"]),
    Case(
      arguments: "good.xyz -p emt --trajectory relaxed.extxyz", status: 64,
      message:
        "relax: relaxed.extxyz: two outputs, --output and --trajectory, would go to the same file"),
    Case(
      arguments: "good.xyz -p emt -o ./good.xyz --overwrite", status: 64,
      message: "relax: ./good.xyz, which is good.xyz, is an input of this command and would be "
        + "overwritten by --output"),
    Case(
      arguments: "nothing.xyz -p emt", status: 66,
      message: "relax: nothing.xyz: there is no such file"),
    Case(
      arguments: "empty -p emt", status: 66,
      message: "relax: empty: this folder holds no structures; expected files such as 0.extxyz.xz, "
        + "slabs.extxyz or data.0000.lmdb, or folders with a vasprun.xml or OUTCAR"),
    Case(
      arguments: "good.xyz -p emt -o taken.xyz", status: 74,
      message: "relax: taken.xyz: the file exists; pass --overwrite to replace it"),
    Case(
      arguments: "good.xyz -p emt -o nowhere/out.xyz", status: 74,
      message: "relax: nowhere/out.xyz: the folder does not exist"),
    Case(
      arguments: "good.xyz -p emt -o /dev/full", status: 74,
      message: "relax: /dev/full: no space left on device"),
    Case(
      arguments: "good.xyz -p emt", status: 64,
      message: "relax: RELAX_KERNELS=sse: there are only portable, avx2, avx512",
      environment: ["RELAX_KERNELS": "sse"]),
    Case(
      arguments: "serve good.xyz -p emt", status: 64,
      message: "Error: where is the server? Give --unix NAME or --port N, one of them"),
    Case(
      arguments: "serve good.xyz -p emt --unix a --port 1", status: 64,
      message: "Error: where is the server? Give --unix NAME or --port N, one of them"),
    Case(
      arguments: "serve -p emt --unix a", status: 64,
      message:
        "Error: which structure? Give its file, or --takes-structures to a server that tells it"),
    Case(
      arguments: "serve good.xyz -p emt --unix a --threads 0", status: 64,
      message: "Error: --threads 0: 1 to 1024 are possible"),
    Case(
      arguments: "serve good.xyz -p emt --port 70000", status: 64,
      message: "Error: --port 70000: 1 to 65535 are possible"),
    Case(
      arguments: "serve good.xyz -p emt --unix a --select sid=b", status: 65,
      message: "relax: no frame of good.xyz has sid=b"),
    Case(
      arguments: "good.xyz -p ipi:command=pw.x", status: 64,
      message:
        "relax: provider `ipi:command=pw.x`: the command has neither {socket} nor {port}, so that "
        + "the program cannot know where to connect; write them where it is told, such as `pw.x -ipi "
        + "{host}:{port} -in FILE`"),
    Case(
      arguments: "predict good.xyz -p emt -o taken.xyz", status: 74,
      message: "relax: taken.xyz: the file exists; pass --overwrite to replace it"),
    Case(
      arguments: "convert short.xyz out.xyz", status: 65,
      message:
        "relax: short.xyz:4: the file ends inside frame 1, which announces 3 atoms but has 2; "
        + "no frame before it"),
    Case(
      arguments: "convert good.xyz out.xyz --select sid=b --select x=1", status: 65,
      message: "relax: no frame of good.xyz has sid=b and x=1"),
    Case(
      arguments: "predict good.xyz -p emt -o out.xyz --select sid=b", status: 65,
      message: "relax: no frame of good.xyz has sid=b"),
    Case(
      arguments: "score good.xyz --reference good.xyz --select sid=b", status: 65,
      message: "relax: no frame of good.xyz has sid=b"),
    Case(
      arguments: "score good.xyz --reference nothing.xyz", status: 66,
      message: "relax: nothing.xyz: there is no such file"),
    Case(
      arguments: "score good.xyz --reference good.xyz --labels a --provider emt", status: 64,
      message: "Error: --labels and --provider both give forces: choose one"),
    Case(
      arguments: "score twice.xyz --reference twice.xyz", status: 65,
      message:
        "relax: the reference holds `a` more than once; give each structure a `sid` of its own, "
        + "or keep one frame of each"),
  ]

  @Test("every mistake gets its code and a line that helps", arguments: cases)
  func message(of wrong: Case) throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "good.xyz")
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "taken.xyz")
    try scratch.write("3\nsid=a\nCu 0 0 0\nCu 0 0 3\n", to: "short.xyz")
    try FileManager.default.createDirectory(
      atPath: scratch.path("empty"), withIntermediateDirectories: false)
    try scratch.write("1\nsid=a\nCu 0 0 0\n1\nsid=a\nCu 0 0 0\n", to: "twice.xyz")
    try wrong.check(in: scratch)
  }

  @Test(
    "provider specifications are refused with what is possible",
    arguments: [
      "emtt", "lj:sigma", "lj:sigma=0", "lj:sigma=1,sigma=2", "lj:width=3", "", "emt:x=1",
      "lj:onset=9,cutoff=6", "lj:sigma=nan", "d3", "d3:xc=pbee", "d3:xc=pbe,damping=bjm",
      "emt+d3:xc=nothing",
    ])
  func provider(specification: String) throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "good.xyz")
    let run = try CommandLineRun(["good.xyz", "--provider", specification], in: scratch.folder)
    #expect(run.status == 64)
    #expect(run.error.hasPrefix("relax: provider"))
    #expect(run.error.split(separator: "\n").count <= 3)
    #expect(try scratch.names == ["good.xyz"])
  }
}
