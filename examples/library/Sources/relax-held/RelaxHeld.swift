// SPDX-License-Identifier: MIT

import Foundation
import RelaxationEngine

/// `relax-held INPUT OUTPUT`: relaxes the structures of a file, held by springs, and prints how each ended.
@main
struct RelaxHeld {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { end("usage: relax-held INPUT OUTPUT", code: 64) }
    do {
      let results = try relaxHeld(arguments[1], to: arguments[2])
      for result in results {
        let energy = result.energy.map { String(format: "%10.4f eV", $0) } ?? "no energy"
        print(result.status.rawValue, energy, "after \(result.steps) steps:", result.reason)
      }
      // As `relax run` has it: 3 says that some structure did not converge.
      exit(results.allSatisfy { $0.status == .converged } ? 0 : 3)
    } catch {
      // Errors of the library say what, where and what to do.
      end("\(error)", code: 65)
    }
  }

  private static func end(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data("relax-held: \(message)\n".utf8))
    exit(code)
  }
}
