// SPDX-License-Identifier: MIT

import CKernels

/// Constants of a truncated Lennard-Jones potential, and its sum over neighbour rows.
///
/// Without an onset, pair energies are shifted to be 0 at the cutoff and forces end abruptly. With
/// one, energy and force are switched off smoothly between onset and cutoff by the polynomial in r²
/// that HOOMD-blue, JAX-MD and ASE share.
public struct LennardJonesKernel: Sendable {
  private let parameters: relax_lennard_jones_parameters

  /// - Parameters:
  ///   - sigma: distance in Å at which a pair energy is 0 (before shift or switch).
  ///   - epsilon: depth of the well in eV.
  ///   - cutoff: Å; pairs at the cutoff still count, farther ones do not.
  ///   - onset: Å, where the switch begins; nil for a plain shift.
  public init(sigma: Double, epsilon: Double, cutoff: Double, onset: Double?) {
    let s6 =
      (sigma * sigma / (cutoff * cutoff)) * (sigma * sigma / (cutoff * cutoff))
      * (sigma * sigma / (cutoff * cutoff))
    let onsetSquared = (onset ?? 0) * (onset ?? 0)
    let width = cutoff * cutoff - onsetSquared
    parameters = relax_lennard_jones_parameters(
      sigma_squared: sigma * sigma, epsilon4: 4 * epsilon, cutoff_squared: cutoff * cutoff,
      shift: 4 * epsilon * (s6 * s6 - s6), onset_squared: onsetSquared,
      switch_scale: 1 / (width * width * width), smooth: onset == nil ? 0 : 1)
  }

  /// Energy in eV of `rows`; `forces` receives eV/Å of its atoms, in its order.
  ///
  /// - Complexity: O(listed pairs).
  public func evaluate(
    _ rows: NeighborRows, forces: inout [SIMD4<Double>], kernels: KernelSet
  ) -> Double {
    evaluate(rows, &forces, virial: nil, kernels)
  }

  /// The same to the last bit, and the virial Σ r ⊗ f over pairs in eV: what stretching the structure
  /// changes of the energy, with the opposite sign.
  ///
  /// - Complexity: O(listed pairs).
  public func evaluate(
    _ rows: NeighborRows, forces: inout [SIMD4<Double>], virial: inout SymmetricTensor,
    kernels: KernelSet
  ) -> Double {
    var numbers = [Double](repeating: 0, count: 6)
    let energy = numbers.withUnsafeMutableBufferPointer {
      evaluate(rows, &forces, virial: $0.baseAddress, kernels)
    }
    virial = SymmetricTensor(voigt: numbers)
    return energy
  }

  private func evaluate(
    _ rows: NeighborRows, _ forces: inout [SIMD4<Double>], virial: UnsafeMutablePointer<Double>?,
    _ kernels: KernelSet
  ) -> Double {
    let count = rows.atomCount
    if forces.count != count { forces = Array(repeating: .zero, count: count) }
    guard count > 0 else { return 0 }
    return withUnsafePointer(to: parameters) { parameters in
      rows.coordinates.withUnsafeBytes { coordinates in
        rows.starts.withUnsafeBufferPointer { starts in
          rows.neighbors.withUnsafeBufferPointer { neighbors in
            forces.withUnsafeMutableBytes { forces in
              relax_lennard_jones(
                kernels.rawValue, parameters,
                coordinates.baseAddress?.assumingMemoryBound(to: Double.self),
                starts.baseAddress, neighbors.baseAddress, count,
                forces.baseAddress?.assumingMemoryBound(to: Double.self), virial)
            }
          }
        }
      }
    }
  }
}
