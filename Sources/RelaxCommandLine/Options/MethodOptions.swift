// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import RelaxNumerics
import Relaxation

/// How structures are relaxed: forces, optimizer, and when it ends.
struct MethodOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: """
      Where forces come from (repeatable: energies and forces add): emt, emt-morse, lj, morse, \
      d3, forcenet, gns, schnet, dimenetplusplus, ase, ipi or kim; NAME:key=value,… sets parameters. lj \
      has sigma (Å), epsilon (eV; both 1, which fits no element), cutoff (Å, 3 sigma) and onset (Å; none). \
      d3 adds Grimme's dispersion and needs xc=FUNCTIONAL (pbe, rpbe, …); damping=bj (default) or zero, \
      atm=off (default) or on. kim: model=ID is a portable model of OpenKIM. ase: script=FILE.py, which \
      defines calculator(), is run by python=PATH (python3) in workers=N processes (1). Networks \
      need model=FILE; threads=N is for threads in one structure, and elements=any takes elements \
      that the network was not trained on. forcenet and gns: turns=N averages forces over N turns \
      about z (default: what the model says, else 1). dimenetplusplus: angles=released (angles are \
      constants in the gradient, as in the released code) or full (the true gradient; default: what the \
      model says, which for published weights is released). ipi: drivers of the i-PI protocol such as \
      pw.x; command="…" is started for each structure, with {socket}, {host}, {port}, {id}, {structure} \
      and {poscar} filled in; listen=unix:NAME or HOST:PORT waits for drivers. ase and ipi: start (120 s), \
      timeout (of one evaluation, s) and retries (2).
      """)
  var provider: [String]

  @Option(
    help: """
      Named settings: ase or ocp2021, equal step by step to the program they are named for, or \
      robust, which is on guard against negative curvature and ends stalled structures.
      """)
  var scheme: Scheme = .ase

  @Option(help: "What moves the atoms: lbfgs, bfgs or fire.")
  var optimizer: OptimizerName = .lbfgs

  @Option(
    help: ArgumentHelp(
      "Converged when every free atom feels less force than this (eV/Å).", .number))
  var fmax = 0.01

  @Option(help: ArgumentHelp("Most displacements of a structure; 0 evaluates it once.", .whole))
  var steps = 200

  @Option(
    help: ArgumentHelp(
      "Longest move of an atom in one step (Å; default: 0.2, with ocp2021 0.04).", .number))
  var maxStep: Double?

  @Option(
    help: ArgumentHelp("Steps that L-BFGS remembers (default: 100, with ocp2021 50).", .whole))
  var memory: Int?

  @Option(help: ArgumentHelp("Factor on every L-BFGS step (default: 1.0).", .number))
  var damping: Double?

  @Option(
    help: ArgumentHelp("Initial curvature of L-BFGS and BFGS (eV/Å²; default: 70.0).", .number))
  var curvature: Double?

  func validate() throws {
    guard fmax >= 0 && fmax.isFinite else {
      throw ValidationError("--fmax \(fmax): a force in eV/Å, 0 or larger, is needed")
    }
    guard steps >= 0 else { throw ValidationError("--steps \(steps): 0 or more are needed") }
  }

  /// An engine that relaxes the structures of `inputs` so.
  func engine(for inputs: [String], kernels: KernelSet) throws -> Engine {
    let provider = try ProviderCatalog.offered.provider(provider, kernels: kernels)
    try optimizer.requireSuited(to: provider)
    let choice = try scheme.optimizer(
      optimizer, maxStep: maxStep, memory: memory, damping: damping, curvature: curvature)
    return Engine(
      inputs: inputs, provider: provider,
      settings: RelaxationSettings(
        fmax: fmax, maximumSteps: steps, optimizer: choice, endsStalls: scheme.endsStalls,
        kernels: kernels))
  }
}

extension Scheme: ExpressibleByArgument {}
extension OptimizerName: ExpressibleByArgument {
  /// Those that there are; the others are refused in words, not as unknown.
  public static var allValueStrings: [String] { available.map(\.rawValue) }
}
