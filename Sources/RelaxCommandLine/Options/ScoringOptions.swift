// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import RelaxNumerics
import Relaxation
import Scoring
import StructureFiles
import Structures

/// What `score`, `compare` and `report` judge by, and how: the same options with the same defaults.
struct ScoringOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: """
      Reference structures: files, or folders of them, such as vasp/*/vasprun.xml. Of a calculation of \
      several steps the last counts.
      """, completion: .file())
  var reference: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take only reference frames whose comment has this entry (repeatable).", .filter))
  var select: [FrameFilter] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      Initial structures, to tell anomalies by (repeatable; default: frames with fid=0 of \
      predicted trajectories).
      """, completion: .file())
  var initial: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take only initial frames whose comment has this entry (repeatable).", .filter))
  var selectInitial: [FrameFilter] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      Reference forces at the predicted positions: files, or folders of them, such as \
      singlepoints/*/vasprun.xml. Of a calculation of several steps the first counts.
      """, completion: .file())
  var labels: [String] = []

  @Flag(help: "Take labels too whose electrons did not converge (scf_converged=F).")
  var unconverged = false

  @Option(
    name: [.short, .long],
    help: "A provider that stands in for the reference method's forces (repeatable: they add).")
  var provider: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Score splits apart: `file` (each reference file), `key=KEY` (an entry of the reference's \
      comment) or `map=FILE` (lines of id and split).
      """, .split))
  var split: SplitChoice?

  @Option(
    help: "ocp: the released evaluator's arithmetic, no structure counted as failed.")
  var compat: Compatibility?

  @Option(help: "Judge these atoms: free, adsorbate (free and tagged 2) or all.")
  var atoms: ScoringSettings.AtomChoice = .free

  @Option(help: "Whether 0.5 Å and 0.4 eV/Å are limits too: open (490 and 390 limits) or closed.")
  var endPoints: EndPoints = .open

  @Option(help: "A structure's force: largest norm, largest component, or mean norm.")
  var force: ScoringSettings.ForceMeasure = .norm

  @Option(help: "References without a prediction: failure, or leave-out of all shares.")
  var missing: ScoringSettings.Treatment = .failure

  @Option(help: "Predictions that are no result (diverged, failed, invalid): failure or leave-out.")
  var failed: ScoringSettings.Treatment = .failure

  @Option(help: "Predictions without reference forces, in AFbT: failure or leave-out.")
  var unlabelled: ScoringSettings.Treatment = .failure

  @Option(help: ArgumentHelp("Quote DwT at these distances in Å.", .numbers))
  var dwt: Limits = Limits([0.1, 0.2, 0.5])

  @Option(help: ArgumentHelp("Quote FbT at these forces in eV/Å.", .numbers))
  var fbt: Limits = Limits([0.05, 0.1])

  @OptionGroup var threads: ThreadsOption

  enum Compatibility: String, ExpressibleByArgument, CaseIterable { case ocp }
  enum EndPoints: String, ExpressibleByArgument, CaseIterable { case open, closed }

  /// Refuses what means nothing where there is no reference to judge by.
  func requireNoJudging() throws {
    let given: [(String, Bool)] = [
      ("--labels", !labels.isEmpty), ("--provider", !provider.isEmpty),
      ("--select", !select.isEmpty),
      ("--split", split != nil), ("--compat", compat != nil), ("--unconverged", unconverged),
    ]
    guard let option = given.first(where: \.1)?.0 else { return }
    throw ValidationError("\(option) says how to judge by references: give --reference, too")
  }

  /// Refuses to go on without a reference; `validate` leaves that to the commands that need one.
  func requireReference() throws {
    guard !reference.isEmpty else {
      throw ValidationError("--reference is missing: the file of structures to judge by")
    }
  }

  func validate() throws {
    if !labels.isEmpty && !provider.isEmpty {
      throw ValidationError("--labels and --provider both give forces: choose one")
    }
    if !selectInitial.isEmpty && initial.isEmpty {
      throw ValidationError("--select-initial needs --initial")
    }
    for (name, limits) in [("--dwt", dwt), ("--fbt", fbt)] where limits.values.count > Limits.most {
      throw ValidationError("\(name): \(limits.values.count) limits; \(Limits.most) are possible")
    }
    guard compat == .ocp else { return }
    let isReleased =
      atoms == .free && endPoints == .open && force == .norm && missing == .failure
      && failed == .failure && unlabelled == .failure
    guard isReleased else {
      throw ValidationError(
        "--compat ocp fixes --atoms, --end-points, --force, --missing, --failed and --unlabelled")
    }
  }

  /// Files that are read, beside the predictions.
  func inputs() throws -> [String] {
    try InputFiles.files(in: reference + initial + labels) + (split?.files ?? [])
  }

  /// What a page says of how results are judged.
  var facts: [(name: String, value: String)] {
    var facts = [(name: "references", value: reference.map(PathText.shown).joined(separator: ", "))]
    if !provider.isEmpty {
      facts.append(("forces by", provider.map { "--provider \($0)" }.joined(separator: " ")))
    } else if !labels.isEmpty {
      facts.append(("forces from", labels.map(PathText.shown).joined(separator: ", ")))
    }
    return facts
  }

  /// Takes what stands behind `--reference FILE` for the predictions, if there are no others: the option takes as
  /// many files as follow.
  ///
  /// - Returns: the predictions.
  mutating func takePredictions(_ predicted: [String], count: Int = 1) throws -> [String] {
    try requireReference()
    if predicted.isEmpty, reference.count == 1 + count {
      defer { reference.removeLast(count) }
      return Array(reference.suffix(count))
    }
    guard predicted.isEmpty else { return predicted }
    throw ValidationError(
      "the predicted structures are missing; they come before --reference, which takes all files behind it"
    )
  }

  /// Declares what is read, and gives the provider if there is one.
  func declare(in plan: inout OutputPlan) throws -> (any ForceProvider)? {
    plan.reads(try inputs())
    guard !provider.isEmpty else { return nil }
    let made = try ProviderCatalog.offered.provider(provider)
    plan.reads(made.files, as: .model)
    return made
  }

  /// What the options say about how to score.
  private func settings(_ provider: (any ForceProvider)?) -> ScoringSettings {
    let forces: ScoringSettings.ForceSource =
      if !labels.isEmpty {
        .labels(labels.joined(separator: ", "))
      } else if let provider {
        .provider(provider.specification)
      } else {
        .none
      }
    var settings = ScoringSettings(
      convention: compat == .ocp ? .ocp : .nearestImage, forces: forces)
    (settings.atoms, settings.forceMeasure) = (atoms, force)
    (settings.missing, settings.failed, settings.unlabelled) = (missing, failed, unlabelled)
    (settings.distanceMarks, settings.forceMarks) = (dwt.values, fbt.values)
    if endPoints == .closed {
      settings.distanceLimits = settings.distanceLimits.withEnd
      settings.forceLimits = settings.forceLimits.withEnd
    }
    settings.anomalies = AnomalyLimits()
    return settings
  }

  /// Reads everything and scores `predicted` files, forces being those of `provider` if there is one.
  func scorer(
    of predicted: [String], with provider: (any ForceProvider)?, keepsPredictions: Bool = false,
    withForces: Bool = true
  ) throws -> RelaxationScorer {
    var settings = settings(provider)
    if !withForces { settings.forces = .none }
    let predicted = try InputFiles.files(in: predicted)
    let reference = try InputFiles.files(in: reference)
    let initial = try InputFiles.files(in: initial)
    let labels = try InputFiles.files(in: labels)
    try InputFiles.requireReadable(split?.files ?? [])
    let splits = try split?.names()
    var scorer = RelaxationScorer(settings, keepsPredictions: keepsPredictions)
    var references = 0
    var meanings: Set<String> = []
    for path in reference {
      var left = 0
      let energies = try StructureFrames.read(path, select, steps: .last) { structure, id in
        references += 1
        var reference = structure
        if structure.hasUnconvergedLabels && !unconverged {
          left += 1
          (reference.energy, reference.forces) = (nil, nil)
        }
        try scorer.add(
          reference: reference, id: id, split: try splits?.name(of: structure, id: id, in: path))
      }
      if let energies { meanings.insert(energies) }
      if left > 0 { Console.warn(FileError.unconvergedEnergies(left, file: path).description) }
    }
    for meaning in meanings.sorted() { Console.error("reference energies are \(meaning)") }
    try InputFiles.requireSome(references, of: select, in: reference)
    var initials = 0
    for path in initial {
      try StructureFrames.read(path, selectInitial, steps: .first) { structure, id in
        initials += 1
        try scorer.add(initial: structure, id: id)
      }
    }
    if !initial.isEmpty { try InputFiles.requireSome(initials, of: selectInitial, in: initial) }
    if initials > 0 && !scorer.initialsMatched {
      Console.error(
        "relax: \(initial.joined(separator: ", ")): no initial structure has the id of a reference, so "
          + "anomalies are not looked for")
    }
    for path in predicted {
      let reader = try StructureReader(path: path)
      while let frame = try reader.next() {
        switch frame.content {
        case .success(let structure):
          try scorer.add(prediction: structure, id: frame.identifier)
        case .failure(let error):
          scorer.addUnreadable(prediction: frame.identifier, reason: error.description)
        }
      }
      Console.warn(about: reader)
    }
    if !labels.isEmpty, withForces {
      var first: String?
      for path in labels {
        var left = 0
        do {
          try StructureFrames.read(
            path, steps: .first, namingFolders: SinglePoints.identifier(ofFolder:)
          ) { structure, id in
            if structure.hasUnconvergedLabels && !unconverged {
              left += 1
            } else {
              first = first ?? id
              try scorer.add(label: structure, id: id)
            }
          }
        } catch let error as FileError where error.kind == .framing && labels.count > 1 {
          // One calculation of many that failed: its structure has no label, which the score says.
          Console.warn("\(error.description); it gives no label")
        }
        if left > 0 { Console.warn(FileError.unconverged(left, file: path).description) }
      }
      if !scorer.labelsMatched {
        Console.error(
          "relax: no label in \(labels.joined(separator: ", ")) has the id of a reference"
            + (first.map { ": labels are `\(Excerpt.name($0))` and so on" } ?? ""))
      }
    }
    if let provider, withForces {
      scorer.evaluateForces(
        with: provider, threads: threads.threads ?? ThreadBudget.structuresAtOnce(with: provider))
    }
    return scorer
  }
}

/// Reads a file of structures from one end to the other.
enum StructureFrames {
  /// Which step of a calculation counts, where the filters do not ask for one.
  enum Step { case first, last }

  /// Calls `body` with each structure that passes the filters, and its id.
  ///
  /// - Returns: what the file's energies are, where its format says so.
  @discardableResult
  static func read(
    _ path: String, _ filters: [FrameFilter] = [], steps: Step,
    namingFolders name: (String) -> String = { $0 }, _ body: (Structure, String) throws -> Void
  ) throws -> String? {
    let reader = try StructureReader(path: path, selecting: filters)
    let takesOne = reader.isCalculation && !filters.contains { $0.key == "fid" }
    var latest: (Structure, String)?
    while let frame = try reader.next() {
      let structure = try frame.content.get()
      guard takesOne else {
        try body(structure, frame.identifier)
        continue
      }
      if latest == nil || steps == .last { latest = (structure, frame.identifier) }
    }
    // Only the ids of calculations are names of folders.
    if let (structure, folder) = latest { try body(structure, name(folder)) }
    Console.warn(about: reader)
    return reader.energies
  }
}

/// Positive numbers separated by commas.
struct Limits: ExpressibleByArgument {
  let values: [Double]

  /// More rows than this no table needs.
  static let most = 50

  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0) }
    let known = numbers.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
    guard known.count == numbers.count else { return nil }
    values = known
  }

  var defaultValueDescription: String {
    values.map { "\($0)" }.joined(separator: ",")
  }
}

extension ScoringSettings.AtomChoice: ExpressibleByArgument {}
extension ScoringSettings.ForceMeasure: ExpressibleByArgument {}
extension ScoringSettings.Treatment: ExpressibleByArgument {}
extension SinglePoints.Format: ExpressibleByArgument {}
