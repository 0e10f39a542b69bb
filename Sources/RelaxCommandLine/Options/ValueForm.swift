// SPDX-License-Identifier: MIT

import ArgumentParser

/// What the value of an option must look like: shown in help as the option's `<value>`, and said in
/// words where a value is none.
///
/// The argument parser itself only says that a value is invalid.
enum ValueForm: String, CaseIterable {
  case number
  case whole = "integer"
  case numbers = "number,number,…"
  case range = "low:high"
  case filter = "key=value"
  case cell = "a,b,c"
  case pbc = "TTF"
  case fix = "z<5"
  case split = "file|key=…|map=…"
  case frames = "all|ends|every:N"
  case timeLimit = "3h50m"
  case shard = "I/N|auto|auto/N"
  case memory = "size|auto"

  /// What is needed instead of `value`, with an example.
  func demand(insteadOf value: String) -> String {
    switch self {
    case .number:
      ValueForm.hasDecimalComma(value)
        ? "decimals follow a point, as in \(ValueForm.withPoint(value))"
        : "a number without a unit is needed, such as 0.05"
    case .whole: "a whole number in digits is needed, such as 200"
    case .numbers: "positive numbers separated by commas are needed, such as 0.1,0.2"
    case .range: "the lowest and the highest number are needed, such as 0.02:0.25"
    case .filter: "a key and a value are needed, such as role=initial, or natoms<100"
    case .cell: "lengths are needed, such as 5.1,5.1,25, or lengths and angles, or nine numbers"
    case .pbc: "T or F for each axis is needed, such as TTF"
    case .fix: "z<5, tags=0, elements=Cu or none is needed"
    case .split: "file, key=KEY or map=FILE is needed"
    case .frames: "all, ends or every:N is needed, such as every:10"
    case .timeLimit:
      "a time with its units is needed, such as 3h50m, 2m, 90s or 3:50:00 (hours:minutes:seconds)"
    case .memory: "a size with its unit is needed, such as 8GB, 500MB or 2GiB, or auto"
    case .shard: "a part of several is needed, such as 3/20 (1/20 to 20/20), auto or auto/20"
    }
  }

  private static func hasDecimalComma(_ value: String) -> Bool {
    value.count { $0 == "," } == 1 && Double(withPoint(value)) != nil
  }

  private static func withPoint(_ value: String) -> String {
    String(value.map { $0 == "," ? "." : $0 })
  }
}

extension ArgumentHelp {
  /// Help of an option whose value must have a form.
  init(_ text: String, _ form: ValueForm) { self.init(text, valueName: form.rawValue) }
}
