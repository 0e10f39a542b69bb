// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Relaxation

/// How the threads of a run are spread: over structures, and within one by the provider.
struct ThreadBudget {
  var structures: Int
  var inStructure: Int
  var processors = WorkerThreads.processors

  init(_ engine: Engine) {
    (structures, inStructure) = (engine.threads, engine.provider.threadsPerStructure)
  }

  /// As many structures as keep every processor busy, and no more.
  static func structuresAtOnce(
    with provider: any ForceProvider, processors: Int = WorkerThreads.processors
  ) -> Int { provider.structuresAtOnce ?? max(1, processors / provider.threadsPerStructure) }

  /// Where threads multiply beyond the processors they only take turns; results are the same.
  var warning: String? {
    let all = structures * inStructure
    guard inStructure > 1 && all > processors else { return nil }
    let names = "--threads \(structures) times threads=\(inStructure)"
    return "\(all) threads (\(names)) for \(processors) processor\(processors == 1 ? "" : "s"); "
      + "fewer are faster"
  }
}
