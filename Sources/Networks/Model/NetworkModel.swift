// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// A network with its weights, as read from a file or freshly initialised.
///
/// Tensors have their names in the released code (`interactions.0.lin.weight`). Constant tables
/// (`atom_map`, `atom_radii`, `…freq_filter`, `…smearing.offset` of Gaussians) may be left out, since
/// they follow from the configuration; where they are there, they are used.
public struct NetworkModel: Sendable {
  /// Kind and shape of the network.
  public var architecture: Architecture { didSet { isComplete = false } }
  /// Trained tensors and running statistics of batch normalisations, by name.
  public var tensors: [String: Tensor] { didSet { isComplete = false } }
  /// Batches that each batch normalisation has seen, by name (`….num_batches_tracked`); nothing is
  /// computed from them.
  public var counters: [String: Int] = [:]
  /// What was done to the training targets.
  public var normalization: TargetNormalization
  /// Whether the network's energies mean something; most force networks are trained on forces alone.
  public var energyIsTrained = true
  /// What its energies are relative to; nil if nobody wrote it down.
  public var energyReference: EnergyReference?
  /// Elements of the frames that it was trained on; nil if nobody wrote them down.
  public var trainedElements: Set<Element>?
  /// Turns about z that forces are averages over, unless another number is asked for; 1 for none.
  public var turns = 1
  /// More turns than a degree apart are a mistake.
  public static let possibleTurns = 1...360
  /// Whether `requireComplete` has passed since architecture or tensors were changed: looking at every
  /// number once is enough.
  var isComplete = false

  /// A model from its parts; call `requireComplete` to check them.
  public init(
    architecture: Architecture, tensors: [String: Tensor],
    normalization: TargetNormalization = .none
  ) {
    (self.architecture, self.tensors) = (architecture, tensors)
    self.normalization = normalization
  }

  /// Whether energies come with forces: GNS has none, and untrained ones mean nothing.
  public var givesEnergy: Bool { architecture.plan.hasEnergy && energyIsTrained }

  /// The networks that can be named.
  public enum Architecture: Hashable, Sendable {
    /// The paper's network.
    case forceNet(ForceNetConfiguration)
    /// The paper's baseline.
    case gns(GNSConfiguration)
    /// SchNet, whose forces are derivatives of an energy.
    case schNet(SchNetConfiguration)
    /// DimeNet++, likewise.
    case dimeNet(DimeNetConfiguration)
  }
}

/// What the energies of a network are relative to.
public enum EnergyReference: String, CaseIterable, Hashable, Sendable {
  /// The energies of the clean slab and of molecules in the gas phase, as in OC20.
  case adsorption
  /// Those that the labels had, mostly total energies of the code that made them.
  case total

  /// The same in words, after "energies are".
  public var words: String {
    switch self {
    case .adsorption:
      "adsorption energies: relative to the clean slab and molecules in the gas phase, as in OC20"
    case .total: "total energies, from the same zero as the labels it learned from"
    }
  }
}

/// Predictions are what the network gives times `scale`, plus `mean`; energies and forces have
/// their own.
public struct TargetNormalization: Hashable, Sendable {
  /// eV: what is added to energies.
  public var energyMean = 0.0
  /// Factor of energies.
  public var energyScale = 1.0
  /// eV: what each atom of an element adds to energies; nothing for elements that are not named.
  public var elementEnergies: [Element: Double] = [:]
  /// eV/Å: what is added to force components; 0 in every released model.
  public var forceMean = 0.0
  /// Factor of forces.
  public var forceScale = 1.0

  /// Targets as they are.
  public static let none = TargetNormalization()

  /// Targets as they are.
  public init() {}

  /// eV: what does not depend on what a network says about atoms of `elements`.
  public func energyShift(of elements: [Element]) -> Double {
    guard !elementEnergies.isEmpty else { return energyMean }
    return elements.reduce(energyMean) { $0 + (elementEnergies[$1] ?? 0) }
  }
}
