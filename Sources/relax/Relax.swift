// SPDX-License-Identifier: MIT

import ArgumentParser

@main
struct Relax: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "relax")
}
