// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Labelled frames in memory, packed: 39 bytes an atom and about 140 a frame, so that a million atoms
/// take 40 MB.
///
/// Positions keep all digits, since they decide who is a neighbour of whom; forces are kept in single
/// precision, as networks compute them.
public struct FrameStore: Sendable {
  /// What there is once a frame.
  private struct Frame {
    /// Its first atom.
    var start: Int
    var a: (Double, Double, Double), b: (Double, Double, Double), c: (Double, Double, Double)
    var periodicity: Periodicity
    /// Which of `systems` it belongs to.
    var system: Int
    var hasMask: Bool
    /// eV, if it is known.
    var energy: Double?
  }

  private var frames: [Frame] = []
  private var elements: [UInt8] = []
  private var freedoms: [UInt8] = []
  /// Which atoms are the adsorbate's.
  private var adsorbate: [Bool] = []
  private var positions: [Double] = []
  private var forces: [Float] = []
  /// Names of the systems that the frames belong to, each once.
  private var systems: [String] = []
  private var systemNumbers: [String: Int] = [:]

  /// A store that holds no frames yet.
  public init() {}

  /// Number of frames.
  public var count: Int { frames.count }
  /// Numbers of all frames.
  var indices: Range<Int> { frames.indices }
  /// Atoms of all frames.
  public var atoms: Int { elements.count }
  /// Atoms that may move in at least one component.
  public var freeAtoms: Int { freedoms.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
  /// Atoms tagged as adsorbate.
  public var adsorbateAtoms: Int { adsorbate.reduce(0) { $0 + ($1 ? 1 : 0) } }
  /// Mean absolute force component on free atoms in eV/Å; 1 if all are zero.
  ///
  /// The loss is an absolute error too, so a few violent frames do not decide it.
  var meanAbsoluteForce: Double {
    var (sum, components) = (0.0, 0)
    for (atom, freedom) in freedoms.enumerated() where freedom != 0 {
      for force in forces[3 * atom..<3 * atom + 3] { sum += Double(abs(force)) }
      components += 3
    }
    return sum > 0 ? sum / Double(components) : 1
  }
  /// Elements of all frames.
  public var distinctElements: Set<Element> {
    Set(Set(elements).compactMap { Element(atomicNumber: Int($0)) })
  }
  /// Bytes that the frames take.
  public var bytes: Int {
    frames.count * MemoryLayout<Frame>.stride + elements.count * (3 + 3 * 8 + 3 * 4)
  }

  /// Adds a frame of the system called `system`; `energy` is what networks are to learn, in eV.
  public mutating func append(
    _ structure: Structure, forces: [Vector3], energy: Double? = nil, system: String
  ) {
    precondition(forces.count == structure.count)
    let cell = structure.cell
    frames.append(
      Frame(
        start: elements.count, a: (cell.a.x, cell.a.y, cell.a.z),
        b: (cell.b.x, cell.b.y, cell.b.z), c: (cell.c.x, cell.c.y, cell.c.z),
        periodicity: cell.periodicity, system: number(of: system),
        hasMask: structure.moveMask != nil, energy: energy))
    for (atom, freedom) in structure.freedoms.enumerated() {
      elements.append(UInt8(structure.elements[atom].atomicNumber))
      freedoms.append(freedom.rawValue)
      adsorbate.append(structure.tags?[atom] == 2)
      for axis in 0..<3 {
        positions.append(structure.positions[atom][axis])
        self.forces.append(Float(forces[atom][axis]))
      }
    }
  }

  /// Adds all frames of `other`.
  public mutating func append(_ other: FrameStore) {
    if frames.isEmpty { self = other } else { append(other, frames: other.indices) }
  }

  /// Adds frames of `other`, as they are packed.
  public mutating func append(_ other: FrameStore, frames indices: some Sequence<Int>) {
    var numbers = [Int?](repeating: nil, count: other.systems.count)
    for index in indices {
      var frame = other.frames[index]
      let system = numbers[frame.system] ?? number(of: other.systems[frame.system])
      numbers[frame.system] = system
      (frame.start, frame.system) = (elements.count, system)
      frames.append(frame)
      let atoms = other.range(index)
      elements += other.elements[atoms]
      freedoms += other.freedoms[atoms]
      adsorbate += other.adsorbate[atoms]
      positions += other.positions[3 * atoms.lowerBound..<3 * atoms.upperBound]
      forces += other.forces[3 * atoms.lowerBound..<3 * atoms.upperBound]
    }
  }

  /// Which of `systems` one is, which becomes the last if it is new.
  private mutating func number(of system: String) -> Int {
    if let number = systemNumbers[system] { return number }
    systemNumbers[system] = systems.count
    systems.append(system)
    return systems.count - 1
  }

  /// Name of the system that frame number `index` belongs to.
  public func system(_ index: Int) -> String { systems[frames[index].system] }

  /// Frame number `index` as it was added, without what networks do not look at.
  public func structure(_ index: Int) -> Structure {
    let (frame, atoms) = (frames[index], range(index))
    let freedoms = atoms.map { Freedom(rawValue: self.freedoms[$0]) }
    return Structure(
      elements: atoms.map { atom in
        guard let element = Element(atomicNumber: Int(elements[atom])) else {
          preconditionFailure("the number of an element was stored")
        }
        return element
      },
      positions: atoms.map {
        Vector3(positions[3 * $0], positions[3 * $0 + 1], positions[3 * $0 + 2])
      },
      cell: Cell(
        Vector3(frame.a.0, frame.a.1, frame.a.2), Vector3(frame.b.0, frame.b.1, frame.b.2),
        Vector3(frame.c.0, frame.c.1, frame.c.2), periodicity: frame.periodicity),
      moveMask: frame.hasMask ? MoveMask(components: freedoms) : nil)
  }

  /// True forces on the atoms of frame number `index`, in eV/Å.
  public func forces(_ index: Int) -> [Vector3] {
    range(index).map {
      Vector3(Double(forces[3 * $0]), Double(forces[3 * $0 + 1]), Double(forces[3 * $0 + 2]))
    }
  }

  /// The energy of frame number `index` in eV, if it is known.
  public func energy(_ index: Int) -> Double? { frames[index].energy }

  /// Atomic numbers of frame number `index`.
  func atomicNumbers(_ index: Int) -> ArraySlice<UInt8> { elements[range(index)] }

  /// Frame number `index` to learn from, with the weight of each atom in the loss.
  public func sample(_ index: Int, weights: AtomWeights) -> TrainingSample {
    TrainingSample(
      structure: structure(index), forces: forces(index),
      weights: range(index).map {
        weights.weight(isFixed: freedoms[$0] == 0, isAdsorbate: adsorbate[$0])
      }, energy: frames[index].energy)
  }

  private func range(_ index: Int) -> Range<Int> {
    frames[index].start..<(index + 1 < frames.count ? frames[index + 1].start : elements.count)
  }
}
