// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

@testable import Networks

/// Checkpoints of SchNet and DimeNet++ that are not what they say: refused in one line that names what is
/// wrong, with nothing executed and no memory taken for numbers that are not there.
@Suite("Hostile checkpoints of networks of energies") struct HostileEnergyCheckpointTests {
  private func refusal(
    _ model: NetworkModel, _ change: (inout [(String, PickleWriter.Value)]) -> Void
  ) throws -> String {
    let scratch = try Scratch()
    let writer = PickleWriter(.checkpoint(model, change: change))
    let path = try scratch.write(writer.archive().bytes, to: "checkpoint.pt")
    do {
      var model = try ModelImport.read(path)
      try model.requireComplete()
      return "accepted"
    } catch { return "\(error)" }
  }

  /// The members with the tensor `name` changed, or left out.
  private func changed(
    _ members: inout [(String, PickleWriter.Value)], _ name: String,
    _ change: (Tensor) -> Tensor?
  ) {
    guard let place = members.firstIndex(where: { $0.0 == "state_dict" }),
      case .ordered(let state) = members[place].1
    else { return }
    let kept = state.compactMap { key, value -> (String, PickleWriter.Value)? in
      guard key == "module." + name, case .tensor(let tensor) = value else { return (key, value) }
      return change(tensor).map { (key, .tensor($0)) }
    }
    members[place] = ("state_dict", .ordered(kept))
  }

  /// A trained tensor of each kind of layer.
  private static let tensors: [SmallNetwork: [String]] = [
    .schNet: [
      "embedding.weight", "interactions.1.conv.lin2.weight", "interactions.2.conv.lin1.weight",
      "lin2.bias",
    ],
    .dimeNet: [
      "rbf.freq", "emb.lin.weight", "interaction_blocks.1.lin_sbf1.weight",
      "output_blocks.0.lin.weight",
    ],
  ]

  @Test(
    "Missing tensors, other shapes, and numbers that are none",
    arguments: [SmallNetwork.schNet, .dimeNet])
  func tensors(_ network: SmallNetwork) throws {
    let model = network.model
    for name in try #require(Self.tensors[network]) {
      let missing = try refusal(model) { changed(&$0, name) { _ in nil } }
      #expect(missing.contains(name) && missing.contains("missing"), "\(missing)")
      let wider = try refusal(model) {
        changed(&$0, name) {
          Tensor(
            shape: $0.shape.dropLast() + [2 * ($0.shape.last ?? 1)], values: $0.values + $0.values)
        }
      }
      #expect(wider.contains(name) && wider.contains("needs"), "\(wider)")
      for bad in [Float.nan, .infinity] {
        let refused = try refusal(model) {
          changed(&$0, name) { Tensor(shape: $0.shape, values: [bad] + $0.values.dropFirst()) }
        }
        #expect(refused.contains(name) && !refused.contains("\n"), "\(refused)")
      }
    }
  }

  @Test(
    "Widths that no file holds numbers for, and arguments that are none",
    arguments: [SmallNetwork.schNet, .dimeNet])
  func arguments(_ network: SmallNetwork) throws {
    let model = network.model
    func refused(_ key: String, _ value: PickleWriter.Value) throws -> String {
      try refusal(model) { members in
        guard let place = members.firstIndex(where: { $0.0 == "config" }) else { return }
        members[place] = (
          "config",
          .dictionary([
            ("model", .text(model.architecture.name)),
            ("model_attributes", .dictionary([(key, value)])),
          ])
        )
      }
    }
    for (key, value) in [
      ("hidden_channels", PickleWriter.Value.integer(1 << 40)), ("hidden_channels", .integer(-1)),
      ("cutoff", .real(.nan)), ("cutoff", .real(1e300)), ("use_pbc", .boolean(false)),
      ("hidden_channels", .text("1024")), ("os.system", .text("x")),
    ] {
      let found = try refused(key, value)
      #expect(found.contains(key) && !found.contains("\n") && found != "accepted", "\(found)")
    }
  }

  @Test("Calls of anything but containers of tensors", arguments: [SmallNetwork.schNet, .dimeNet])
  func calls(_ network: SmallNetwork) throws {
    let scratch = try Scratch()
    let witness = scratch.path("witness")
    for name in ["posix system", "os system", "builtins eval", "subprocess Popen"] {
      let found = try refusal(network.model) {
        $0.append(("extra", .call(name, [.text("touch \(witness)")])))
      }
      let called = "it calls `\(name.split(separator: " ").joined(separator: "."))`"
      #expect(found.contains(called) && !found.contains("\n"), "\(found)")
      let needed = try refusal(network.model) { members in
        guard let place = members.firstIndex(where: { $0.0 == "state_dict" }) else { return }
        members[place] = ("state_dict", .call(name, [.text("touch \(witness)")]))
      }
      #expect(needed.contains(called) && !needed.contains("\n"), "\(needed)")
    }
    #expect(!FileManager.default.fileExists(atPath: witness))
  }
}
