// SPDX-License-Identifier: MIT

import Files

extension RecordedSetting {
  /// What structures a work begins with: the files as they were found, and what all structures of them were given.
  package static func input(
    _ files: [FileStamp], _ assumptions: StructureAssumptions
  ) -> [RecordedSetting] {
    (assumptions.isEmpty ? [] : [RecordedSetting("assumed", assumptions.recorded)])
      + files.enumerated().map {
        RecordedSetting("input \($0.offset + 1)", $0.element.fingerprint)
      }
  }
}
