// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles

/// Reads constructor arguments from an object of JSON, each once, and refuses what is left.
struct AttributeReader {
  private let network: String
  private var members: [JSONText.Member]
  private var known: [String] = []

  /// Reads arguments of `network`; `ignored` ones may be there and mean nothing.
  init(_ attributes: JSONText, network: String, ignored: [String]) throws(ModelFileError) {
    guard case .object(let members) = attributes else {
      throw ModelFileError(
        "the arguments of \(network) are \(attributes.kind), where an object is needed")
    }
    self.network = network
    self.members = members.filter { !ignored.contains($0.key) }
  }

  /// Sets `target` to the whole number called `key`, if it is there.
  mutating func read(
    _ key: String, _ range: ClosedRange<Int>, into target: inout Int
  ) throws(ModelFileError) {
    guard let value = take(key) else { return }
    guard case .integer(let number) = value, range.contains(number) else {
      throw refusal(
        key, value, "whole numbers from \(range.lowerBound) to \(range.upperBound) are possible")
    }
    target = number
  }

  /// Sets `target` to the length called `key`, if it is there.
  mutating func readLength(
    _ key: String, _ possible: ClosedRange<Double>, into target: inout Double
  ) throws(ModelFileError) {
    guard let value = take(key) else { return }
    let number: Double? =
      switch value {
      case .integer(let whole): Double(whole)
      case .number(let real): real
      default: nil
      }
    guard let number, possible.contains(number) else {
      throw refusal(
        key, value,
        "a length from \(possible.lowerBound) to \(possible.upperBound) Å is needed")
    }
    target = number
  }

  /// Sets `target` to one of the `choices`, named by `key`, if it is there.
  mutating func read<Choice>(
    _ key: String, _ choices: [(name: String, value: Choice)], into target: inout Choice
  ) throws(ModelFileError) {
    guard let value = take(key) else { return }
    guard case .string(let name) = value, let choice = choices.first(where: { $0.name == name })
    else {
      throw refusal(
        key, value, "possible are \(choices.map(\.name).joined(separator: ", "))")
    }
    target = choice.value
  }

  /// Sets `target` to the case named by `key`, if it is there.
  mutating func read<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, into target: inout Choice
  ) throws(ModelFileError) {
    try read(key, Choice.allCases.map { ($0.rawValue, $0) }, into: &target)
  }

  /// Arguments of networks that give energies which mean nothing here: forces are always derived, and
  /// graphs always made from positions and cell.
  static let unusedByEnergyNetworks = [
    "num_atoms", "bond_feat_dim", "num_targets", "training", "otf_graph", "regress_forces",
  ]

  /// Refuses a network that was made for structures which do not repeat: it would make other edges.
  mutating func requirePeriodicity() throws(ModelFileError) {
    guard let value = take("use_pbc"), value != .boolean(true) else { return }
    throw refusal("use_pbc", value, "only true is possible, with edges to periodic images")
  }

  /// Refuses arguments that were not read.
  func finish() throws(ModelFileError) {
    guard let member = members.first else { return }
    throw ModelFileError(
      "\(network) has no argument \(Quote.name(member.key))\(Spelling.hint(member.key, known))")
  }

  private mutating func take(_ key: String) -> JSONText? {
    known.append(key)
    guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
    return members.remove(at: index).value
  }

  private func refusal(_ key: String, _ value: JSONText, _ wanted: String) -> ModelFileError {
    let text = value.text(.oneLine)
    let found = text.count > 60 ? value.kind : text
    return ModelFileError("\(key) of \(network) is \(found): \(wanted)")
  }
}
