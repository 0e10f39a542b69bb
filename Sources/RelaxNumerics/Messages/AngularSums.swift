// SPDX-License-Identifier: MIT

import CKernels

/// What edges send on through their ends, filtered by the angles between them, without any list of
/// pairs of edges.
///
/// For an edge e from s, and the edges k to s but the one back, it is Σ_k y_k ⊙ Σ_l q_l(d_k) Y_l0(γ). By the
/// addition theorem Y_l0(γ) = √(4π/(2l+1)) Σ_m Y_lm(e) Y_lm(k), so the sum over k is made once an atom.
public struct AngularSums: Sendable {
  /// Degrees l from 0 on.
  public let degrees: Int
  /// Radial functions a degree.
  public let radials: Int
  /// Width of y.
  public let columns: Int
  /// degrees × radials rows, √(4π/(2l+1)) included: q_l = Σ_n radial_ln · row_ln.
  private let factors: FloatMatrix
  /// (−1)^l (2l + 1)/4π = Σ_m Y_lm(e) Y_lm(−e).
  private let opposite: AlignedBuffer<Float>

  /// Sums with `factors` by column, then degree and radial function.
  public init(degrees: Int, radials: Int, columns: Int, factors: [Double]) {
    precondition(degrees > 0 && radials > 0 && columns > 0)
    precondition(factors.count == degrees * radials * columns)
    (self.degrees, self.radials, self.columns) = (degrees, radials, columns)
    let matrix = FloatMatrix(rows: degrees * radials, columns: columns)
    for row in 0..<degrees * radials {
      let norm = Self.norm(degree: row / radials)
      for column in 0..<columns {
        matrix[row, column] = Float(factors[column * degrees * radials + row] * norm)
      }
    }
    self.factors = matrix
    opposite = AlignedBuffer((0..<degrees).map { Float(Self.opposite(degree: $0)) })
  }

  /// √(4π/(2l + 1)), by which Y_l0(γ) is the sum over m.
  public static func norm(degree l: Int) -> Double {
    (4 * Double.pi / Double(2 * l + 1)).squareRoot()
  }

  /// (−1)^l (2l + 1)/4π: the sum over m of an edge's harmonics times those of the edge back.
  public static func opposite(degree l: Int) -> Double {
    let size = Double(2 * l + 1) / (4 * Double.pi)
    return l.isMultiple(of: 2) ? size : -size
  }

  /// What edges have of their own, the same for all sums of one geometry.
  public struct Edges: Sendable {
    /// Y_lm, degrees² a row.
    let harmonics: FloatMatrix
    /// degrees × radials a row, and the derivatives by the distance.
    let radial: FloatMatrix
    let radialSlopes: FloatMatrix
    /// The edge back, or −1.
    let partners: AlignedBuffer<Int32>
    /// Edges by target; `others` are sources.
    public let byTarget: EdgeLists
    /// Edges by source.
    public let bySource: EdgeLists

    /// Edges with their harmonics, radial functions, and edges back.
    public init(
      harmonics: FloatMatrix, radial: FloatMatrix, radialSlopes: FloatMatrix,
      partners: [Int32], byTarget: EdgeLists, bySource: EdgeLists
    ) {
      let count = byTarget.others.count
      precondition(partners.count == count && bySource.others.count == count)
      precondition(partners.allSatisfy { $0 >= -1 && Int($0) < count })
      precondition(harmonics.rows >= count && radial.rows >= count && radialSlopes.rows >= count)
      precondition(radial.stride == radialSlopes.stride && byTarget.edges == nil)
      (self.harmonics, self.radial, self.radialSlopes) = (harmonics, radial, radialSlopes)
      self.partners = AlignedBuffer(partners)
      (self.byTarget, self.bySource) = (byTarget, bySource)
    }
  }

  /// Rows of an atom's sums: one a harmonic.
  public var rowsPerAtom: Int { degrees * degrees }

  /// Fills an atom's rows of `sums` with those over the edges to it.
  public func sum(
    to atom: Int, _ edges: Edges, _ y: FloatMatrix, into sums: FloatMatrix, kernels: KernelSet
  ) {
    requireRows(edges, y, sums, atom)
    var native = view(edges)
    relax_angular_sum(
      kernels.rawValue, &native, y.buffer.base, Int64(y.stride), edges.byTarget.starts[atom],
      edges.byTarget.starts[atom + 1], rows(of: atom, sums), Int64(sums.stride))
  }

  /// Fills rows of `out`, from the first on, with what reaches the edges of `range` through their sources.
  public func gather(
    _ range: Range<Int>, _ edges: Edges, _ y: FloatMatrix, sums: FloatMatrix,
    into out: FloatMatrix, kernels: KernelSet
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= edges.byTarget.others.count)
    precondition(out.rows >= range.count && out.columns == columns && y.columns == columns)
    precondition(y.rows >= edges.byTarget.others.count && sums.columns == columns)
    precondition(sums.rows >= edges.byTarget.count * rowsPerAtom)
    var native = view(edges)
    for edge in range {
      relax_angular_gather(
        kernels.rawValue, &native, y.buffer.base, Int64(y.stride), Int32(edge),
        rows(of: Int(edges.byTarget.others.base[edge]), sums), Int64(sums.stride),
        out.buffer.base + (edge - range.lowerBound) * out.stride)
    }
  }

  /// The reverse pass through ``sum(to:_:_:into:kernels:)`` and ``gather(_:_:_:sums:into:kernels:)``
  /// around an atom: from derivatives `d` by what every edge gathered to those by y of the edges to the
  /// atom, which are their rows of `out`, and by distances, which are added.
  ///
  /// - Parameters:
  ///   - sums: of the forward pass; read only for `harmonicSlopes`.
  ///   - scratch: `rowsPerAtom` rows for one thread.
  ///   - harmonicSlopes: a row an edge, to which derivatives by harmonics are added; nil without.
  public func reverse(
    around atom: Int, _ edges: Edges, _ y: FloatMatrix, sums: FloatMatrix, from d: FloatMatrix,
    into out: FloatMatrix, scratch: FloatMatrix, distanceSlopes: AlignedBuffer<Float>,
    harmonicSlopes: (ofSource: FloatMatrix, ofTarget: FloatMatrix)?, kernels: KernelSet
  ) {
    requireRows(edges, y, sums, atom)
    let count = edges.byTarget.others.count
    precondition(scratch.rows >= rowsPerAtom && scratch.columns == columns)
    precondition(d.rows >= count && d.columns == columns && distanceSlopes.count == count)
    var native = view(edges)
    let (starts, list) = (edges.bySource.starts, edges.bySource.edges)
    scratch.clear()
    let forward = rows(of: atom, sums)
    for k in Int(starts[atom])..<Int(starts[atom + 1]) {
      let edge = Int(list?[k] ?? Int32(k))
      relax_angular_spread(
        kernels.rawValue, &native, Int32(edge), d.buffer.base + edge * d.stride,
        scratch.buffer.base, Int64(scratch.stride), forward,
        harmonicSlopes.map { $0.ofSource.buffer.base + edge * $0.ofSource.stride })
    }
    let first = Int(edges.byTarget.starts[atom])
    let last = Int(edges.byTarget.starts[atom + 1])
    precondition(out.rows >= count && out.columns == columns)
    for edge in first..<last {
      let partner = Int(edges.partners.base[edge])
      let slope = relax_angular_reverse(
        kernels.rawValue, &native, Int32(edge), y.buffer.base + edge * y.stride,
        partner >= 0 ? UnsafePointer(d.buffer.base + partner * d.stride) : nil,
        scratch.buffer.base, Int64(scratch.stride), out.buffer.base + edge * out.stride,
        harmonicSlopes.map { $0.ofTarget.buffer.base + edge * $0.ofTarget.stride })
      distanceSlopes.base[edge] += slope
    }
  }

  private func requireRows(_ edges: Edges, _ y: FloatMatrix, _ sums: FloatMatrix, _ atom: Int) {
    precondition(atom >= 0 && atom < edges.byTarget.count)
    precondition(y.rows >= edges.byTarget.others.count && y.columns == columns)
    precondition(sums.rows >= edges.byTarget.count * rowsPerAtom && sums.columns == columns)
    precondition(edges.harmonics.columns >= rowsPerAtom)
    precondition(edges.radial.columns >= degrees * radials)
  }

  private func rows(of atom: Int, _ sums: FloatMatrix) -> UnsafeMutablePointer<Float> {
    sums.buffer.base + atom * rowsPerAtom * sums.stride
  }

  private func view(_ edges: Edges) -> relax_angular {
    relax_angular(
      degrees: Int32(degrees), radials: Int32(radials), columns: Int32(columns),
      harmonics: edges.harmonics.buffer.base, harmonics_stride: Int64(edges.harmonics.stride),
      radial: edges.radial.buffer.base, radial_slopes: edges.radialSlopes.buffer.base,
      radial_stride: Int64(edges.radial.stride), factors: factors.buffer.base,
      factors_stride: Int64(factors.stride), opposite: opposite.base,
      partners: edges.partners.base)
  }
}
