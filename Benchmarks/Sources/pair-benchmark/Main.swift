// SPDX-License-Identifier: MIT
// Times neighbour lists and Lennard-Jones forces, in CPU seconds of one thread, on positions that
// the Python drivers beside this package write. One line of JSON a measurement.

import BenchmarkSupport
import Forces
import Foundation
import RelaxNumerics
import Structures

/// Rows of numbers: three lattice vectors, then positions, in Å, periodic along `periodicity`.
func read(_ path: String, _ periodicity: Periodicity) throws -> Structure {
  let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
    let v = line.split(separator: " ").compactMap { Double($0) }
    return Vector3(v[0], v[1], v[2])
  }
  let cell = Cell(rows[0], rows[1], rows[2], periodicity: periodicity)
  let copper = Element(symbol: "Cu").map { Array(repeating: $0, count: rows.count - 3) } ?? []
  return Structure(elements: copper, positions: Array(rows.dropFirst(3)), cell: cell)
}

/// The least and the median seconds a call, over about `budget` seconds.
func time(_ budget: Double, _ body: () throws -> Void) rethrows -> (least: Double, median: Double) {
  try body()
  let begin = cpuSeconds()
  try body()
  let once = max(cpuSeconds() - begin, 1e-8)
  let inner = max(1, Int(2e-3 / once))
  let outer = max(5, Int(budget / (once * Double(inner))))
  var samples: [Double] = []
  for _ in 0..<outer {
    let begin = cpuSeconds()
    for _ in 0..<inner { try body() }
    samples.append((cpuSeconds() - begin) / Double(inner))
  }
  samples.sort()
  return (samples[0], samples[samples.count / 2])
}

let arguments = CommandLine.arguments
guard arguments.count >= 4 else {
  print(
    "usage: pair-benchmark forces|lists|pairs|graph|relax FILE PBC(TTT) [BUDGET] [SKIN] [KERNELS]")
  exit(64)
}
let flags = arguments[3].map { $0 == "T" }
let structure = try read(arguments[2], Periodicity(flags[0], flags[1], flags[2]))
let budget = arguments.count > 4 ? Double(arguments[4]) ?? 1 : 1
let skin = arguments.count > 5 ? Double(arguments[5]) ?? 0.5 : 0.5
let kernels = arguments.count > 6 ? try KernelSet(name: arguments[6]) : .preferred
let count = Double(structure.count)

switch arguments[1] {
case "forces":
  // Every call moves all atoms, as a relaxation does, within half the skin.
  let provider = try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6, kernels: kernels)
  var evaluator = try provider.makeEvaluator(for: structure)
  let moved = [0.001, -0.001].map { x in
    Geometry(
      positions: structure.positions.map { $0 + Vector3(x, x, -x) }, cell: structure.cell)
  }
  var k = 0
  let energy = try evaluator.evaluate(Geometry(structure), wanting: .energy).energy ?? .nan
  let (least, median) = try time(budget) {
    k ^= 1
    _ = try evaluator.evaluate(moved[k], wanting: [.energy, .forces])
  }
  report(
    "forces",
    [
      ("atoms", count), ("energy", energy), ("least", least), ("median", median),
      ("megabytes", peakMegabytes()),
    ])
case "lists":
  // The cell alternates in its last digit so that every update rebuilds, reusing memory.
  let c = structure.cell
  let cells = [c, Cell(c.a, c.b, Vector3(c.c.x, c.c.y, c.c.z.nextUp), periodicity: c.periodicity)]
  var list = VerletList(cutoff: 6, skin: skin, kernels: kernels)
  var k = 0
  let (least, median) = try time(budget) {
    k ^= 1
    try list.update(positions: structure.positions, cell: cells[k])
  }
  report(
    "lists",
    [
      ("atoms", count), ("pairs", Double(list.rows.neighbors.count)), ("least", least),
      ("median", median), ("megabytes", peakMegabytes()),
    ])
case "pairs":
  var pairs = 0
  let (least, median) = try time(budget) {
    pairs =
      try NeighborPairs(
        positions: structure.positions, cell: structure.cell, cutoff: 6, kernels: kernels
      ).i.count
  }
  report(
    "pairs",
    [
      ("atoms", count), ("pairs", Double(pairs)), ("least", least), ("median", median),
      ("megabytes", peakMegabytes()),
    ])
case "graph":
  var edges = 0
  let (least, median) = try time(budget) {
    edges = try NeighborGraph(
      structure, cutoff: 6, maximumNeighbors: 50, kernels: kernels
    ).count
  }
  report(
    "graph",
    [
      ("atoms", count), ("pairs", Double(edges)), ("least", least), ("median", median),
      ("megabytes", peakMegabytes()),
    ])
case "relax":
  // FIRE (Bitzek et al. 2006) from a rattled start, to weigh rebuilds against a longer list.
  let kernel = LennardJonesKernel(sigma: 2.338, epsilon: 0.4093, cutoff: 6, onset: nil)
  var steps = 0
  var rebuilds = 0
  var listed = 0
  let (least, median) = try time(budget) {
    var random = SeededGenerator(seed: 7)
    var positions = structure.positions.map {
      $0 + 0.25 * Vector3(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
    }
    var velocities = [Vector3](repeating: .zero, count: positions.count)
    var list = VerletList(cutoff: 6, skin: skin, kernels: kernels)
    var forces: [SIMD4<Double>] = []
    var (dt, alpha, downhill) = (0.1, 0.1, 0)
    (steps, rebuilds, listed) = (0, 0, 0)
    while steps < 500 {
      steps += 1
      if try list.update(positions: positions, cell: structure.cell) { rebuilds += 1 }
      listed += list.rows.neighbors.count
      _ = kernel.evaluate(list.rows, forces: &forces, kernels: kernels)
      var (power, vv, ff, largest) = (0.0, 0.0, 0.0, 0.0)
      var force = [Vector3](repeating: .zero, count: positions.count)
      for (row, f) in forces.enumerated() {
        let atom = Int(list.owners[row])
        force[atom] = Vector3(f.x, f.y, f.z)
        power += force[atom].dot(velocities[atom])
        vv += velocities[atom].lengthSquared
        ff += force[atom].lengthSquared
        largest = max(largest, force[atom].lengthSquared)
      }
      if largest < 0.01 * 0.01 { break }
      if power > 0 {
        let mix = alpha * (vv / ff).squareRoot()
        for i in positions.indices {
          velocities[i] = (1 - alpha) * velocities[i] + mix * force[i]
        }
        downhill += 1
        if downhill > 5 { (dt, alpha) = (min(dt * 1.1, 1), alpha * 0.99) }
      } else {
        for i in positions.indices { velocities[i] = .zero }
        (dt, alpha, downhill) = (dt * 0.5, 0.1, 0)
      }
      var length = 0.0
      for i in positions.indices {
        velocities[i] += dt * force[i]
        length += (dt * velocities[i]).lengthSquared
      }
      let scale = min(1, 0.2 / length.squareRoot())
      for i in positions.indices { positions[i] += scale * dt * velocities[i] }
    }
  }
  report(
    "relax",
    [
      ("atoms", count), ("skin", skin), ("steps", Double(steps)), ("rebuilds", Double(rebuilds)),
      ("pairs", Double(listed) / Double(steps)), ("least", least), ("median", median),
      ("megabytes", peakMegabytes()),
    ])
default: exit(64)
}
