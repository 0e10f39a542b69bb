// SPDX-License-Identifier: MIT

import COpenBLAS

/// LAPACK refused or could not finish a problem.
public struct LinearAlgebraError: Error, CustomStringConvertible {
  /// LAPACK's name of the routine that refused, such as `dsyevd`.
  public var routine: String
  /// Its `info`: negative for a bad argument, positive for no convergence or a singular matrix.
  public var info: Int

  /// The routine and its `info`.
  public var description: String { "\(routine) failed with info \(info)" }
}

/// Linear algebra on dense matrices, by LAPACK on one thread.
public enum LinearAlgebra {
  /// BLAS spreads no threads of its own: structures are what runs in parallel here.
  private static let singleThreaded: Void = relax_single_threaded_blas()

  /// Ends the threads that OpenBLAS starts with, which cost processor time even when nothing calls
  /// it; every call here does so too.
  public static func retireThreads() { _ = singleThreaded }

  /// What OpenBLAS says of itself: version, options and the processor it was built or chosen for.
  public static var libraryDescription: String {
    _ = singleThreaded
    return String(cString: openblas_get_config()) + ", core "
      + String(cString: openblas_get_corename())
  }

  /// Eigenvalues (ascending) and eigenvectors of a symmetric matrix (`dsyevd`).
  ///
  /// - Parameters:
  ///   - matrix: row-major, *n* × *n*; only its upper triangle is read.
  ///   - count: *n*.
  /// - Returns: `values` (*n*) and `vectors`, row-major with eigenvector *k* in row *k*.
  /// - Complexity: O(*n*³).
  public static func symmetricEigen(
    _ matrix: [Double], count n: Int
  ) throws(LinearAlgebraError) -> (values: [Double], vectors: [Double]) {
    precondition(matrix.count == n * n, "a matrix of \(matrix.count) elements is not \(n) × \(n)")
    _ = singleThreaded
    var vectors = matrix
    var values = [Double](repeating: 0, count: n)
    guard !matrix.contains(where: \.isNaN) else {
      throw LinearAlgebraError(routine: "dsyevd", info: -4)
    }
    // LAPACK goes by columns. A symmetric matrix is its own transpose, so our upper triangle is its
    // lower, and its columns are our rows.
    var (size, count) = (0.0, Int32(0))
    var info = relax_dsyevd(Int32(n), &vectors, &values, &size, -1, &count, -1)
    if info == 0 {
      var work = [Double](repeating: 0, count: max(1, Int(size)))
      var whole = [Int32](repeating: 0, count: max(1, Int(count)))
      info = relax_dsyevd(
        Int32(n), &vectors, &values, &work, Int32(work.count), &whole, Int32(whole.count))
    }
    guard info == 0 else { throw LinearAlgebraError(routine: "dsyevd", info: Int(info)) }
    return (values, vectors)
  }

  /// The solution x of `matrix · x = right` (`dgesv`).
  ///
  /// - Parameters:
  ///   - matrix: row-major, *n* × *n*.
  ///   - right: *n* values.
  /// - Complexity: O(*n*³).
  public static func solve(
    _ matrix: [Double], _ right: [Double]
  ) throws(LinearAlgebraError) -> [Double] {
    let n = right.count
    precondition(matrix.count == n * n, "a matrix of \(matrix.count) elements is not \(n) × \(n)")
    _ = singleThreaded
    guard !matrix.contains(where: \.isNaN) && !right.contains(where: \.isNaN) else {
      throw LinearAlgebraError(routine: "dgesv", info: -3)
    }
    // By columns, as LAPACK has it.
    var factors = (0..<n * n).map { matrix[$0 % n * n + $0 / n] }
    var pivots = [Int32](repeating: 0, count: n)
    var solution = right
    let info = relax_dgesv(Int32(n), &factors, &pivots, &solution)
    guard info == 0 else { throw LinearAlgebraError(routine: "dgesv", info: Int(info)) }
    return solution
  }

  /// Matrix product `a · b` (`dgemm`), row-major, for self-tests and oracles.
  ///
  /// - Parameters:
  ///   - a: *m* × *k*.
  ///   - b: *k* × *n*.
  /// - Returns: *m* × *n*.
  public static func multiply(_ a: [Double], _ b: [Double], m: Int, k: Int, n: Int) -> [Double] {
    precondition(a.count == m * k && b.count == k * n, "shapes do not match")
    _ = singleThreaded
    var product = [Double](repeating: 0, count: m * n)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(k), b, blasint(n), 0, &product, blasint(n))
    return product
  }
}
