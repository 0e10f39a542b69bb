// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import StructureFiles

/// Which frames of the inputs are taken.
struct SelectOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take only frames of which this holds (repeatable): KEY=VALUE of an entry, natoms<100, \
      energy<-3 (also <=, >, >=, =), elements=Cu,O (no others), fid=last.
      """, .filter))
  var select: [FrameFilter] = []
}

/// Facts that files may lack, given by hand.
struct AssumptionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Give all structures this cell: a,b,c, or with angles a,b,c,α,β,γ, or nine numbers (Å, °).",
      .cell))
  var cell: CellText?

  @Option(help: ArgumentHelp("Give all structures this periodicity.", .pbc))
  var pbc: PeriodicityText?

  @Option(
    help: ArgumentHelp(
      """
      Hold these atoms too (repeatable): z<5 (x, y, z in Å; also <=, >, >=), tags=0 (OC20's), \
      elements=Cu; none frees those that the file holds.
      """, .fix))
  var fix: [AtomFilter] = []

  @Flag(
    help: """
      Tag atoms by height: metals are the slab, its highest layer 1 and the rest 0, other elements 2. \
      Compounds are refused.
      """)
  var tagByHeight = false

  var assumptions: StructureAssumptions {
    var assumptions = StructureAssumptions()
    (assumptions.cell, assumptions.periodicity) = (cell, pbc)
    (assumptions.fixed, assumptions.tagsByHeight) = (fix, tagByHeight)
    return assumptions
  }
}

/// How structures are read.
struct ReadingOptions: ParsableArguments {
  @OptionGroup var selection: SelectOption

  @OptionGroup(title: "Facts that the files lack") var facts: AssumptionOptions

  var filters: [FrameFilter] { selection.select }
  var assumptions: StructureAssumptions { facts.assumptions }

  /// How many structures are taken of files, or of a shard of them.
  func total(of paths: [String], in shard: Shard?) -> InputTotal {
    InputTotal(paths, selecting: filters, assuming: assumptions, shard: shard)
  }

  /// Reads files one behind the other.
  func reader(of paths: [String], shouldStop: (@Sendable () -> Bool)? = nil) -> JoinedReader {
    JoinedReader(
      paths: paths, selecting: filters, assuming: assumptions, shouldStop: shouldStop)
  }
}

extension FrameFilter: ExpressibleByArgument {
  /// From the command line.
  public init?(argument: String) { self.init(argument) }
}
extension CellText: ExpressibleByArgument {
  /// From the command line.
  public init?(argument: String) { self.init(argument) }
}
extension PeriodicityText: ExpressibleByArgument {
  /// From the command line.
  public init?(argument: String) { self.init(argument) }
}
extension AtomFilter: ExpressibleByArgument {
  /// From the command line.
  public init?(argument: String) { self.init(argument) }
}
