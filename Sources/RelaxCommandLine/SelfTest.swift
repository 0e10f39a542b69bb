// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures

/// Small computations with known results, for a machine that is seen for the first time.
struct SelfTest {
  var name: String
  /// Largest deviation found.
  var error: Double
  /// Largest deviation that rounding explains.
  var allowed: Double

  var passes: Bool { error <= allowed }

  static func all() throws -> [SelfTest] {
    [
      try lennardJonesDimer(),
      try forcesAreGradients(of: "emt-morse", tolerance: 1e-6),
      try kernelSetsAgree(),
      try networkKernelsAgree(),
      matrixProduct(),
      try eigenvectors(),
    ]
  }

  /// Two atoms at the distance of the minimum: energy −ε + shift, no force.
  private static func lennardJonesDimer() throws -> SelfTest {
    let provider = try ProviderCatalog.offered.provider("lj:sigma=2.5,epsilon=0.4,cutoff=7")
    let copper = try element("Cu")
    let distance = 2.5 * 1.122462048309373
    let dimer = Structure(elements: [copper, copper], positions: [.zero, Vector3(distance, 0, 0)])
    let (energy, forces) = try evaluate(dimer, provider)
    let ratio = 2.5 / 7
    let sixth = ratio * ratio * ratio * ratio * ratio * ratio
    let expected = -0.4 - 4 * 0.4 * (sixth * sixth - sixth)
    return SelfTest(
      name: "Lennard-Jones dimer (eV)",
      error: abs((energy ?? .nan) - expected) + forces.largestLength, allowed: 1e-12)
  }

  /// Forces against central differences of the energy.
  private static func forcesAreGradients(
    of specification: String, tolerance: Double
  ) throws -> SelfTest {
    let provider = try ProviderCatalog.offered.provider(specification)
    let slab = try carbonMonoxideOnCopper()
    let (_, forces) = try evaluate(slab, provider)
    let step = 1e-4
    var worst = 0.0
    for atom in 0..<slab.count {
      for axis in 0..<3 {
        var energies: [Double] = []
        for sign in [-1.0, 1.0] {
          var moved = slab
          moved.positions[atom][axis] += sign * step
          energies.append(try evaluate(moved, provider).energy ?? .nan)
        }
        let gradient = (energies[1] - energies[0]) / (2 * step)
        worst = max(worst, abs(gradient + forces[atom][axis]))
      }
    }
    return SelfTest(
      name: "\(specification) forces against differences (eV/Å)", error: worst, allowed: tolerance)
  }

  /// The same forces from every kernel set that the processor has.
  private static func kernelSetsAgree() throws -> SelfTest {
    let slab = try carbonMonoxideOnCopper()
    var worst = 0.0
    for specification in ["lj:sigma=2.338,epsilon=0.4093,cutoff=6", "emt-morse"] {
      func forces(_ kernels: KernelSet) throws -> [Vector3] {
        let provider = try ProviderCatalog.offered.provider(specification, kernels: kernels)
        return try evaluate(slab, provider).forces
      }
      let reference = try forces(.portable)
      for set in KernelSet.available {
        let forces = try forces(set)
        let scale = max(1, reference.largestLength)
        worst = max(worst, zip(forces, reference).map { ($0 - $1).length }.max() ?? 0) / scale
      }
    }
    return SelfTest(name: "kernel sets agree (relative)", error: worst, allowed: 1e-10)
  }

  /// The same forces from an untrained network with every kernel set, of odd width so that the ends of
  /// vectors are met too.
  private static func networkKernelsAgree() throws -> SelfTest {
    var configuration = ForceNetConfiguration()
    configuration.hiddenChannels = 83
    configuration.decoderChannels = 41
    configuration.interactions = 3
    let model = try NetworkModel(untrained: .forceNet(configuration), seed: 5)
    let slab = try carbonMonoxideOnCopper()
    var reference: [Vector3] = []
    var worst = 0.0
    for set in KernelSet.available {
      var options = NetworkProvider.Options()
      options.kernels = set
      let provider = try NetworkProvider(model, specification: "forcenet", options: options)
      let forces = try evaluate(slab, provider).forces
      if reference.isEmpty { reference = forces }
      let scale = reference.largestLength
      worst = max(worst, (zip(forces, reference).map { ($0 - $1).length }.max() ?? 0) / scale)
    }
    return SelfTest(name: "network kernels agree (relative)", error: worst, allowed: 2e-5)
  }

  /// OpenBLAS against a plain loop, odd sizes.
  private static func matrixProduct() -> SelfTest {
    let (m, k, n) = (37, 53, 41)
    var generator = SeededGenerator(seed: 1)
    let a = (0..<m * k).map { _ in generator.uniform(-1, 1) }
    let b = (0..<k * n).map { _ in generator.uniform(-1, 1) }
    let product = LinearAlgebra.multiply(a, b, m: m, k: k, n: n)
    var worst = 0.0
    for i in 0..<m {
      for j in 0..<n {
        let plain = (0..<k).reduce(0.0) { $0 + a[i * k + $1] * b[$1 * n + j] }
        worst = max(worst, abs(plain - product[i * n + j]))
      }
    }
    return SelfTest(name: "matrix product by BLAS", error: worst, allowed: 1e-13)
  }

  /// Residual of LAPACK's eigenvectors.
  private static func eigenvectors() throws -> SelfTest {
    let n = 33
    var generator = SeededGenerator(seed: 2)
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in i..<n {
        matrix[i * n + j] = generator.uniform(-1, 1)
        matrix[j * n + i] = matrix[i * n + j]
      }
    }
    let (values, vectors) = try LinearAlgebra.symmetricEigen(matrix, count: n)
    var worst = 0.0
    for k in 0..<n {
      for i in 0..<n {
        let image = (0..<n).reduce(0.0) { $0 + matrix[i * n + $1] * vectors[k * n + $1] }
        worst = max(worst, abs(image - values[k] * vectors[k * n + i]))
      }
    }
    return SelfTest(name: "eigenvectors by LAPACK", error: worst, allowed: 1e-12)
  }

  // MARK: - Structures

  private static func element(_ symbol: String) throws -> Element {
    guard let element = Element(symbol: symbol) else {
      throw CommandFailure(.incomplete, "there is no element \(symbol)")
    }
    return element
  }

  /// CO above a rumpled two-layer Cu(111) cell with a sheared box.
  private static func carbonMonoxideOnCopper() throws -> Structure {
    let copper = try element("Cu")
    var generator = SeededGenerator(seed: 3)
    var elements: [Element] = []
    var positions: [Vector3] = []
    for layer in 0..<2 {
      for i in 0..<2 {
        for j in 0..<2 {
          let shift = Double(layer) / 3
          let (u, v) = (Double(i) + shift, Double(j) + shift)
          let noise = Vector3(
            generator.uniform(-0.1, 0.1), generator.uniform(-0.1, 0.1), generator.uniform(-0.1, 0.1)
          )
          elements.append(copper)
          positions.append(
            Vector3(2.553 * (u + 0.5 * v), 2.211 * v, 5 + 2.084 * Double(layer)) + noise)
        }
      }
    }
    elements += [try element("C"), try element("O")]
    positions += [Vector3(2.6, 1.4, 8.9), Vector3(2.7, 1.5, 10.0)]
    return Structure(
      elements: elements, positions: positions,
      cell: Cell(
        Vector3(5.106, 0, 0), Vector3(2.553, 4.422, 0), Vector3(0.6, -0.4, 18),
        periodicity: Periodicity(true, true, false)))
  }

  private static func evaluate(
    _ structure: Structure, _ provider: any ForceProvider
  ) throws -> (energy: Double?, forces: [Vector3]) {
    let evaluation = try provider.evaluate(structure, wanting: [.energy, .forces])
    return (evaluation.energy, evaluation.forces)
  }
}
