// SPDX-License-Identifier: MIT

import Files
import Testing

@testable import RelaxCommandLine

@Suite("Tasks of job arrays") struct ArrayTaskTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var choice: String
    var variables: [String: String]
    /// The shard, or a part of the message.
    var shard: String?
    var message = ""

    var testDescription: String { "\(choice) \(variables.sorted { $0.key < $1.key })" }

    init(_ choice: String, _ variables: [String: String], _ shard: String) {
      (self.choice, self.variables, self.shard) = (choice, variables, shard)
    }

    init(_ choice: String, _ variables: [String: String], refused message: String) {
      (self.choice, self.variables, self.message) = (choice, variables, message)
    }
  }

  private static func slurm(
    _ id: Int, _ min: Int, _ max: Int, _ count: Int, step: Int? = nil
  ) -> [String: String] {
    var variables = [
      "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(min)",
      "SLURM_ARRAY_TASK_MAX": "\(max)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
    ]
    if let step { variables["SLURM_ARRAY_TASK_STEP"] = "\(step)" }
    return variables
  }

  private static func sge(
    _ id: Int, _ first: Int, _ last: Int, _ step: Int
  ) -> [String: String] {
    [
      "SGE_TASK_ID": "\(id)", "SGE_TASK_FIRST": "\(first)", "SGE_TASK_LAST": "\(last)",
      "SGE_TASK_STEPSIZE": "\(step)",
    ]
  }

  static let cases: [Case] = [
    // Slurm: any first number and step, gaps only where the numbers say nothing else.
    Case("auto", slurm(1, 1, 8, 8), "1/8"), Case("auto", slurm(8, 1, 8, 8, step: 1), "8/8"),
    Case("auto", slurm(0, 0, 7, 8), "1/8"), Case("auto", slurm(12, 4, 20, 5, step: 4), "3/5"),
    Case("auto", slurm(5, 5, 5, 1), "1/1"), Case("auto", slurm(4, 1, 10, 4, step: 3), "2/4"),
    // --array=1-8%2 runs two at a time, and is numbered as without.
    Case("auto", slurm(2, 1, 8, 8, step: 1), "2/8"),
    Case("auto", slurm(7, 1, 9, 4), refused: "not evenly spaced from 1 to 9"),
    Case("auto", slurm(5, 4, 20, 5, step: 4), refused: "none of the array's 5 numbers"),
    Case("auto", slurm(9, 1, 8, 8), refused: "none of the array's 8 numbers"),
    Case("auto", slurm(1, 8, 1, 8), refused: "do not tell which tasks"),
    Case("auto", ["SLURM_ARRAY_TASK_ID": "3"], refused: "do not tell which tasks"),
    Case("auto/9", slurm(7, 1, 9, 4), "7/9"), Case("auto/9", ["SLURM_ARRAY_TASK_ID": "3"], "3/9"),
    Case("auto/6", slurm(7, 1, 9, 4), refused: "tasks must be numbered 1 to 6"),
    Case("auto/8", slurm(0, 0, 7, 8), refused: "can begin at 1 as well"),
    // SGE.
    Case("auto", sge(1, 1, 4, 1), "1/4"), Case("auto", sge(7, 3, 9, 2), "3/4"),
    Case("auto", sge(8, 3, 9, 2), refused: "none of the array's 4 numbers"),
    Case("auto", ["SGE_TASK_ID": "2"], refused: "do not tell which tasks"),
    Case("auto/5", ["SGE_TASK_ID": "2"], "2/5"),
    // A job that is no array.
    Case("auto", ["SGE_TASK_ID": "undefined"], refused: "no variable of a job array is set"),
    Case("auto", ["LSB_JOBINDEX": "0"], refused: "no variable of a job array is set"),
    // LSF tells the last number and the step.
    Case("auto", ["LSB_JOBINDEX": "3", "LSB_JOBINDEX_END": "8"], "3/8"),
    Case(
      "auto", ["LSB_JOBINDEX": "5", "LSB_JOBINDEX_END": "9", "LSB_JOBINDEX_STEP": "2"], "3/5"),
    Case("auto", ["LSB_JOBINDEX": "3"], refused: "LSB_JOBINDEX_END does not tell"),
    Case(
      "auto", ["LSB_JOBINDEX": "9", "LSB_JOBINDEX_END": "8"],
      refused: "LSB_JOBINDEX_END does not tell"),
    Case("auto/4", ["LSB_JOBINDEX": "3"], "3/4"),
    // PBS and HyperQueue tell the task's number only.
    Case("auto", ["PBS_ARRAY_INDEX": "2"], refused: "PBS does not tell how many tasks"),
    Case("auto/4", ["PBS_ARRAY_INDEX": "2"], "2/4"), Case("auto/4", ["PBS_ARRAYID": "3"], "3/4"),
    Case("auto/4", ["PBS_ARRAY_INDEX": "5"], refused: "PBS_ARRAY_INDEX is 5"),
    Case("auto", ["HQ_TASK_ID": "2"], refused: "HyperQueue does not tell how many tasks"),
    Case("auto/4", ["HQ_TASK_ID": "4"], "4/4"),
    Case("auto/4", ["HQ_TASK_ID": "0"], refused: "can begin at 1 as well"),
    // HyperQueue runs inside of other schedulers' jobs.
    Case("auto/9", slurm(2, 1, 4, 4).merging(["HQ_TASK_ID": "7"]) { $1 }, "7/9"),
    Case(
      "auto", slurm(2, 1, 4, 4).merging(["HQ_TASK_ID": "7"]) { $1 },
      refused: "HyperQueue does not tell"),
    // Outside.
    Case("auto", [:], refused: "outside of one give --shard I/N"),
    Case("auto/3", [:], refused: "outside of one give --shard I/N"),
    Case("auto", ["SLURM_ARRAY_TASK_ID": "x"], refused: "no variable of a job array is set"),
  ]

  @Test("the variables of a scheduler tell the shard, or are refused with 64", arguments: cases)
  func shard(_ task: Case) throws {
    let choice = try #require(ShardChoice(argument: task.choice))
    guard case .task(let count) = choice else {
      Issue.record("\(task.choice) is not auto")
      return
    }
    do {
      let shard = try ArrayTask.shard(of: count) { task.variables[$0] }
      #expect(shard.description == task.shard)
    } catch let error as CommandFailure {
      #expect(task.shard == nil && error.code == .usage)
      #expect(error.message.contains(task.message), "\(error.message)")
      #expect(error.message.hasPrefix("--shard auto"))
    }
  }

  @Test(
    "what --shard may be",
    arguments: ["auto/0", "auto/", "auto/x", "automatic", "0/3", "4/3", "3", ""])
  func refused(text: String) { #expect(ShardChoice(argument: text) == nil) }

  @Test("I/N is taken whatever the scheduler says")
  func fixed() {
    #expect(ShardChoice(argument: "3/7") == Shard(3, of: 7).map(ShardChoice.fixed))
    #expect(ShardChoice(argument: "auto/7") == .task(of: 7))
    #expect(ShardChoice(argument: "auto") == .task(of: nil))
  }
}
