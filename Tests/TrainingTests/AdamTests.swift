// SPDX-License-Identifier: MIT

import Files
import Networks
import RelaxNumerics
import TestSupport
import Testing

@testable import Training

@Suite("Adam, averages and clipping")
struct AdamTests {
  /// Adam as its inventors wrote it down, in double precision and one number at a time.
  private static func reference(
    _ start: Double, _ gradients: [Double], rates: [Double], decay: Double = 0
  ) -> Double {
    var (x, m, v) = (start, 0.0, 0.0)
    var (first, second) = (1.0, 1.0)
    for (g, rate) in zip(gradients, rates) {
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      first *= 0.9
      second *= 0.999
      let (mHat, vHat) = (m / (1 - first), v / (1 - second))
      x -= rate * decay * x
      x -= rate * mHat / (vHat.squareRoot() + 1e-8)
    }
    return x
  }

  @Test(
    "Steps are those of a plain loop in double precision", arguments: [1, 2, 3, 10, 200], [0, 0.3])
  func plainLoop(steps: Int, decay: Double) {
    var generator = SeededGenerator(seed: UInt64(steps))
    let count = 37
    // Derivatives of every size, and one that is always zero.
    let sizes = (0..<count).map { $0 == 5 ? 0 : 1e-6 * Double(1 << min($0, 30)) }
    let gradients = (0..<steps).map { _ in
      sizes.map { Float($0 * generator.uniform(-1, 1.5)) }
    }
    let rates = (0..<steps).map { 1e-3 / Double($0 + 1) }
    let start = (0..<count).map { _ in Float(generator.uniform(-1, 1)) }
    var values = start
    var adam = Adam(count: count)
    for (gradient, rate) in zip(gradients, rates) {
      adam.step(&values, gradient: gradient, learningRate: rate, weightDecay: decay)
    }
    for i in 0..<count {
      let expected = AdamTests.reference(
        Double(start[i]), gradients.map { Double($0[i]) }, rates: rates, decay: decay)
      // Rounding of the moments (relative), of each sum, and of each product with what is kept.
      let products = decay == 0 ? 0 : 6e-8 * Double(steps)
      #expect(abs(Double(values[i]) - expected) < 1e-9 * Double(steps) + 2e-7 + products)
    }
    if decay == 0 { #expect(values[5] == start[5]) }
    #expect(adam.steps == steps)
  }

  @Test(
    "A step from recorded derivatives is the recorded one",
    arguments: [
      ("train_forcenet_w32", "f64"), ("train_gns_w32", "f32"), ("train_gns_w32", "f64"),
    ])
  func golden(name: String, precision: String) throws {
    func read(_ part: String) throws -> TensorArchive {
      try TensorArchive(path: ReferenceData.path("training/\(name)_\(part).safetensors"))
    }
    let (start, gradients) = (try read("init"), try read("grad_\(precision)"))
    let after = try read("step1_\(precision)")
    var moved = 0
    for (tensor, gradient) in gradients.tensors {
      var values = try #require(start.tensors[tensor]).values
      let before = values
      let expected = try #require(after.tensors[tensor]).values
      var adam = Adam(count: values.count)
      adam.step(&values, gradient: gradient.values, learningRate: 5e-4)
      for i in values.indices {
        // A step is about 5e-4 long: a hundred-thousandth of it, and the last digit of the number.
        // What rounding left of a derivative that is zero (|g| < ε) decides nothing.
        guard precision == "f32" || abs(gradient.values[i]) > 1e-10 else { continue }
        #expect(abs(values[i] - expected[i]) <= 5e-9 + expected[i].ulp, "\(tensor) \(i)")
        if expected[i] != before[i] { moved += 1 }
      }
    }
    #expect(moved > 1000)
  }

  @Test("The average forgets its start, then decays as told")
  func average() {
    var average = WeightAverage(of: [0, 10])
    var expected = 0.0
    for step in 1...200 {
      average.update([1, 10], decay: 0.95)
      let decay = min(0.95, Double(1 + step) / Double(10 + step))
      expected = decay * expected + (1 - decay)
    }
    #expect(average.values[1] == 10)
    #expect(abs(Double(average.values[0]) - expected) < 1e-5)
    #expect(average.updates == 200)
  }

  @Test("Clipping shortens long gradients only")
  func clipping() {
    var gradient: [Float] = [3, 4]
    #expect(GradientNorm.length(gradient) == 5)
    GradientNorm.clip(&gradient, length: 5, to: 6)
    #expect(gradient == [3, 4])
    GradientNorm.clip(&gradient, length: 5, to: 1)
    #expect(abs(gradient[0] - 0.6) < 1e-6 && abs(gradient[1] - 0.8) < 1e-6)
    #expect(!GradientNorm.length([1, .nan]).isFinite)
    #expect(!GradientNorm.length([1, -.infinity]).isFinite)
  }
}

@Suite("The learning rate")
struct LearningRateTests {
  @Test("rises, stays, and is halved at intervals, as in the paper")
  func paper() {
    var schedule = LearningRateSchedule(
      initial: 5e-4, warmupSteps: 0, constantSteps: 250_000, halvingInterval: 50_000)
    #expect(schedule.rate(after: 0) == 5e-4)
    #expect(schedule.rate(after: 249_999) == 5e-4)
    #expect(schedule.rate(after: 250_000) == 2.5e-4)
    #expect(schedule.rate(after: 299_999) == 2.5e-4)
    #expect(schedule.rate(after: 300_000) == 1.25e-4)
    #expect(schedule.rate(after: 499_999) == 5e-4 / 32)
    schedule.warmupSteps = 4
    #expect((0..<5).map { schedule.rate(after: $0) } == [1.25e-4, 2.5e-4, 3.75e-4, 5e-4, 5e-4])
    schedule.halvingInterval = 1
    #expect(schedule.rate(after: 500_000) >= 0)
  }

  @Test("has the paper's proportions by default")
  func defaults() {
    let schedule = TrainingSettings(steps: 500_000, threads: 1).schedule
    #expect(schedule.constantSteps == 250_000 && schedule.halvingInterval == 50_000)
    #expect(schedule.initial == 5e-4 && schedule.warmupSteps == 0)
  }
}
