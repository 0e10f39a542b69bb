// SPDX-License-Identifier: MIT

import ArgumentParser

/// `--overwrite`, on every command that writes files.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replace outputs that exist.")
  var overwrite = false
}
