// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// A structure as models of KIM see it: a cluster without periodicity, of the atoms and of all their
/// images that have influence on one.
///
/// Images (ghosts) have no energy of their own, but forces act on them, which belong to their atoms. A
/// model whose atoms depend on neighbours of neighbours has an influence distance that reaches so far and
/// asks for neighbours of ghosts; these are searched for among the particles. At the rim some are
/// missing: no energy depends on those.
struct OpenKIMParticles {
  /// Neighbours of particles, atoms first: those of particle *p* are
  /// `indices[starts[p] ..< starts[p + 1]]`.
  struct Neighbors: Equatable {
    var starts: [Int32]
    var indices: [Int32]
  }

  /// Extra distance (Å) in lists, so that one serves several steps; models mask by their own cutoffs.
  static let skin = 0.5

  /// The atom that each particle is, or is an image of; the atoms come first, in an order of their own.
  private(set) var owners: [Int32] = []
  /// One for each list of the model.
  private(set) var neighbors: [Neighbors] = []
  /// Number of atoms.
  var atomCount: Int { near.rows.atomCount }

  private let lists: [OpenKIMModel.List]
  private let kernels: KernelSet
  /// Everything within the influence distance of an atom, or within a list's cutoff if that is larger.
  private var near: VerletList
  /// The row of each particle in `near`.
  private var rows: [Int32] = []

  /// Particles for a model with that influence distance (Å, finite) and these lists.
  init(influence: Double, lists: [OpenKIMModel.List], kernels: KernelSet) {
    (self.lists, self.kernels) = (lists, kernels)
    let reach = lists.map(\.cutoff).reduce(max(influence, 0.1), max)
    near = VerletList(cutoff: reach, skin: Self.skin, kernels: kernels)
  }

  /// Makes particles and lists valid for `geometry`, which must be sound.
  ///
  /// - Returns: whether they are new; if not, only coordinates are.
  /// - Throws: `ForceError.tooManyPairs`; `ForceError.impossibleGeometry` where atoms are heaped up so that
  ///   no model is made for it.
  mutating func update(
    for geometry: Geometry, of provider: @autoclosure () -> String
  ) throws(ForceError) -> Bool {
    do throws(TooManyNeighbors) {
      guard try near.update(positions: geometry.positions, cell: geometry.cell) else {
        return false
      }
      try rebuild()
    } catch {
      forget()
      throw .tooManyPairs(
        expected: error.expected, most: error.most, cutoff: near.cutoff, provider: provider())
    }
    for (list, found) in zip(lists, neighbors) {
      let most = Self.mostNeighbors(within: list.cutoff + Self.skin)
      let crowd = zip(found.starts, found.starts.dropFirst()).map { Int($1 - $0) }.max() ?? 0
      guard crowd <= most else {
        forget()
        throw .impossibleGeometry(
          "\(crowd) atoms are within \(list.cutoff + Self.skin) Å of one; KIM models are given at most "
            + "\(most)")
      }
    }
    return true
  }

  /// How many neighbours an atom may have within `reach` Å: one an Å³, six times those of diamond.
  ///
  /// Code of models has arrays of fixed sizes, and some write beyond their ends: EMT_Asap and EDIP end the
  /// process at some five an Å³. Three-body sums take minutes then.
  static func mostNeighbors(within reach: Double) -> Int {
    max(100, Int(min(4 / 3 * Double.pi * reach * reach * reach, 1e9)))
  }

  /// Makes the next update begin anew.
  mutating func forget() {
    near = VerletList(cutoff: near.cutoff, skin: Self.skin, kernels: kernels)
  }

  /// Where the particles are now: Å, three numbers each.
  var coordinates: [Double] {
    var numbers: [Double] = []
    numbers.reserveCapacity(3 * rows.count)
    for row in rows {
      let point = near.rows.coordinates[Int(row)]
      numbers.append(point.x)
      numbers.append(point.y)
      numbers.append(point.z)
    }
    return numbers
  }

  /// Chooses the images that an atom has near, and lists neighbours anew.
  private mutating func rebuild() throws(TooManyNeighbors) {
    let found = near.rows
    var particleOfRow = [Int32](repeating: -1, count: found.coordinates.count)
    for row in 0..<found.atomCount { particleOfRow[row] = Int32(row) }
    // Images come in boxes around the atoms: less than half of them are within the sphere of one.
    for row in found.neighbors where row >= found.atomCount { particleOfRow[Int(row)] = 0 }
    rows = Array(0..<Int32(found.atomCount))
    for row in found.atomCount..<found.coordinates.count where particleOfRow[row] == 0 {
      particleOfRow[row] = Int32(rows.count)
      rows.append(Int32(row))
    }
    owners = rows.map { near.owners[Int($0)] }
    neighbors = []
    for (k, list) in lists.enumerated() {
      if let same = lists[..<k].firstIndex(of: list) {
        neighbors.append(neighbors[same])
      } else if !list.needsGhosts && list.cutoff == near.cutoff {
        neighbors.append(
          Neighbors(
            starts: found.starts, indices: found.neighbors.map { particleOfRow[Int($0)] }))
      } else {
        neighbors.append(try searched(list))
      }
    }
  }

  /// Neighbours among the particles: of all for a list that needs those of ghosts, else of the atoms.
  private func searched(_ list: OpenKIMModel.List) throws(TooManyNeighbors) -> Neighbors {
    let points = rows.map { near.rows.coordinates[Int($0)] }
    let count = list.needsGhosts ? points.count : atomCount
    var found = NeighborRows()
    let order = try found.rebuild(
      points: points, atomCount: count, reach: list.cutoff + Self.skin, kernels: kernels)
    var rowOfParticle = [Int](repeating: 0, count: count)
    for row in 0..<count { rowOfParticle[Int(order[row])] = row }
    var result = Neighbors(starts: [0], indices: [])
    result.indices.reserveCapacity(found.neighbors.count)
    for row in rowOfParticle {
      for k in Int(found.starts[row])..<Int(found.starts[row + 1]) {
        result.indices.append(order[Int(found.neighbors[k])])
      }
      result.starts.append(Int32(result.indices.count))
    }
    return result
  }
}
