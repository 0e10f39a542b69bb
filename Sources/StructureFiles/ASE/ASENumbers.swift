// SPDX-License-Identifier: MIT

import Files

/// Where the arrays are that the JSON of a ULM file names by their places.
struct ULMArrays {
  let file: ULMFile
  /// Whether their most significant bytes come first.
  var isSwapped = false

  /// The numbers at a place; nil if they are of no type that is known, or not within the file.
  func numbers(_ type: String, shape: [Double], at offset: Double) -> [Double]? {
    guard let type = ULMFile.NumberType(rawValue: type), let place = Int(exactly: offset) else {
      return nil
    }
    var count = 1
    for length in shape {
      guard let length = Int(exactly: length), length >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product < 1 << 40 else { return nil }
      count = product
    }
    return try? file.numbers(type, count: count, at: place, isSwapped: isSwapped)
  }
}

extension JSONCursor {
  /// The numbers of the value that comes next, in any of the ways in which ASE writes arrays.
  ///
  /// These are nested lists, `{"__ndarray__": [shape, type, numbers]}`, `{"ndarray": [shape, type, place]}` of a ULM
  /// file, a cell as an object; or one number. Nil for null.
  mutating func aseNumbers(_ arrays: ULMArrays? = nil) throws(JSONError) -> [Double]? {
    var values: [Double] = []
    switch try peek() {
    case .null:
      try skip()
      return nil
    case .number: return [try number()]
    case .boolean: return [try boolean() ? 1 : 0]
    case .array: try numbers(into: &values)
    case .string: throw defect("a text stands where numbers should be")
    case .object:
      var found: [Double]?
      try enterObject()
      while let key = try nextKey() {
        switch key {
        case "__ndarray__", "ndarray": found = try array(isInline: key != "ndarray", arrays)
        case "array", "array.": found = try aseNumbers(arrays)
        default: try skip()
        }
      }
      guard let found else { throw defect("an object stands where numbers should be") }
      return found
    }
    return values
  }

  private mutating func array(
    isInline: Bool, _ arrays: ULMArrays?
  ) throws(JSONError) -> [Double] {
    try enterArray()
    var (shape, values): ([Double], [Double]) = ([], [])
    guard try nextElement() else { throw defect("an array without a shape") }
    try numbers(into: &shape)
    guard try nextElement() else { throw defect("an array without a type") }
    let type = try string()
    guard try nextElement() else { throw defect("an array without numbers") }
    if isInline {
      try numbers(into: &values)
      guard Double(values.count) == shape.reduce(1, *) || type.hasPrefix("complex") else {
        throw defect("an array of \(values.count) numbers does not have the shape that it says")
      }
    } else {
      let place = try number()
      guard let read = arrays?.numbers(type, shape: shape, at: place) else {
        throw defect(
          "an array of type \(Excerpt.name(type)) at byte \(place) cannot be read; is the file cut?"
        )
      }
      values = read
    }
    guard try !nextElement() else { throw defect("an array with more than numbers") }
    return values
  }
}
