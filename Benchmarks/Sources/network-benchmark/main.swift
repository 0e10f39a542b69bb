// SPDX-License-Identifier: MIT
// Times a network's evaluations of one structure: what `networks.py` beside this package drives.
// One line of JSON a measurement.

import BenchmarkSupport
import Foundation
import MachinePeak

/// What can be measured, by its name on the command line.
enum Mode: String, CaseIterable {
  /// Operations a second of multiply-adds on registers alone; needs no model.
  case peak
  /// All atoms, each time by a new evaluator: nothing kept.
  case fresh
  /// All atoms, by one evaluator.
  case all
  /// Free atoms, which move a little each time: the steady state of a relaxation.
  case steady
  /// Throughput of two structures on two threads against one on one.
  case pair
  /// Throughput of two threads on one structure against one.
  case split
  /// Peak memory of a process that evaluates all atoms and then relaxes a little.
  case memory
  /// Loss and gradient of a batch of the first frames of a file.
  case train
  /// The same once, written to a file.
  case gradient
}

let usage =
  "usage: network-benchmark peak\n"
  + "       network-benchmark fresh|all|steady|pair|split|memory MODEL STRUCTURES INDEX CALLS\n"
  + "       network-benchmark train MODEL FRAMES COUNT CALLS [THREADS]\n"
  + "       network-benchmark gradient MODEL FRAMES COUNT OUTPUT [THREADS]\n"

let arguments = CommandLine.arguments.dropFirst()
guard let mode = arguments.first.flatMap(Mode.init) else { fail(usage, code: 64) }
if mode == .peak {
  // Of each, a fifth of a second: the best run is the one that nothing disturbed.
  report(
    "peak",
    [
      ("avx512", machine_peak(MACHINE_AVX512, 25)), ("avx2", machine_peak(MACHINE_AVX2, 50)),
    ])
  exit(0)
}
if mode == .train || mode == .gradient {
  let threads = arguments.count > 5 ? Int(arguments[6]) : 1
  guard (5...6).contains(arguments.count), let count = Int(arguments[4]), count > 0, let threads
  else { fail(usage, code: 64) }
  do {
    let step = try TrainingStep(model: arguments[2], frames: arguments[3], count: count)
    if mode == .gradient {
      try step.writeGradient(arguments[5], threads: threads)
    } else if let calls = Int(arguments[5]), calls > 0 {
      try step.time(calls, threads: threads)
    } else {
      fail(usage, code: 64)
    }
  } catch {
    fail("network-benchmark: \(error)\n", code: 65)
  }
  exit(0)
}
guard arguments.count == 5, let index = Int(arguments[4]), let calls = Int(arguments[5]),
  index >= 0, calls > 0
else { fail(usage, code: 64) }
do {
  let subject = try Subject(model: arguments[2], structures: arguments[3], index: index)
  switch mode {
  case .peak, .train, .gradient: break
  case .fresh: try subject.timeFresh(calls)
  case .all: try subject.timeAll(calls)
  case .steady: try subject.timeSteady(calls)
  case .pair: try subject.timePair(calls)
  case .split: try subject.timeSplit(calls)
  case .memory: try subject.measureMemory(calls)
  }
} catch {
  fail("network-benchmark: \(error)\n", code: 65)
}
