// SPDX-License-Identifier: MIT

/// Which atoms' embeddings are needed after each block, for the forces on some atoms.
struct ReceptiveField {
  /// Atoms, ascending, whose embeddings are needed before block k; the last entry, after the last
  /// block, are those whose forces are wanted.
  let atoms: [[Int32]]

  /// Follows edges backwards from `wanted`.
  init(of wanted: [Int32], edges: OrderedEdges, blocks: Int, atomCount: Int) {
    var layers = [wanted]
    var isNeeded = [Bool](repeating: false, count: atomCount)
    for atom in wanted { isNeeded[Int(atom)] = true }
    for _ in 0..<blocks {
      let targets = layers[layers.count - 1]
      if targets.count == atomCount {
        layers.append(targets)
        continue
      }
      for target in targets {
        for edge in edges.edges(to: Int(target)) { isNeeded[Int(edges.source[edge])] = true }
      }
      layers.append((0..<Int32(atomCount)).filter { isNeeded[Int($0)] })
    }
    atoms = layers.reversed()
  }
}
