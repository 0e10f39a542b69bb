// SPDX-License-Identifier: MIT

/// What a network is, written down once, from its configuration alone: every layer with its tensors,
/// and what it reads and feeds.
///
/// Everything else follows: the tensors of a file and their order, the numbers of parameters, what an
/// untrained network begins with, the packed layers of evaluation and the passes forward and in
/// reverse. A new architecture is a new plan, and, if it needs one, a new kind.
enum NetworkPlan: Hashable, Sendable {
  /// Forces are what it gives.
  case forceCentric(ForceCentricPlan)
  /// It gives an energy, of which forces are derivatives: filters of distances.
  case schNet(SchNetPlan)
  /// Likewise: messages on edges, which see angles.
  case dimeNet(DimeNetPlan)

  /// Whether it has energies at all.
  var hasEnergy: Bool {
    if case .forceCentric(let plan) = self { plan.energy != nil } else { true }
  }

  /// Every tensor of a model file in the order of the released code's `state_dict`.
  var tensors: [TensorSpecification] {
    switch self {
    case .forceCentric(let plan): plan.tensors
    case .schNet(let plan): plan.tensors
    case .dimeNet(let plan): plan.tensors
    }
  }

  /// Tables with a row an atomic number without which an element cannot be evaluated.
  var tablesOfElements: [TensorSpecification] {
    switch self {
    case .forceCentric(let plan): plan.tablesOfElements
    case .schNet(let plan): [plan.embedding]
    case .dimeNet(let plan): [plan.embedding.elements]
    }
  }
}
