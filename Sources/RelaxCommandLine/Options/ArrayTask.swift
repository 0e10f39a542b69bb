// SPDX-License-Identifier: MIT

import Files

/// Which task of a job array this process is, as the scheduler's variables tell.
struct ArrayTask {
  /// The shard of that task: `auto/N` says how many there are, `auto` leaves that to the scheduler.
  ///
  /// - Parameter variables: those of the process.
  /// - Throws: 64, if the variables do not tell it.
  static func shard(of count: Int?, _ variables: (String) -> String?) throws -> Shard {
    let tasks = schedulers.compactMap { $0(variables) }
    guard let task = tasks.first else {
      throw CommandFailure(
        .usage,
        "--shard auto: no variable of a job array is set (SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX, LSB_JOBINDEX, "
          + "SGE_TASK_ID, HQ_TASK_ID); outside of one give --shard I/N")
    }
    return try count.map { try task.shard(among: $0) } ?? task.shardOfWhole()
  }

  /// Name of the variable with the task's number.
  private var variable: String
  private var number: Int
  /// All numbers of the array, where the scheduler tells them and they are evenly spaced.
  private var numbers: Result<StrideThrough<Int>, Unclear>

  /// Why the array's numbers are not known.
  private struct Unclear: Error { var reason: String }

  private func shard(among count: Int) throws -> Shard {
    guard let shard = Shard(number, of: count) else {
      throw CommandFailure(
        .usage,
        "--shard auto/\(count): \(variable) is \(number); tasks must be numbered 1 to \(count)"
          + (number == 0 ? " (an array that begins at 0 can begin at 1 as well)" : ""))
    }
    return shard
  }

  private func shardOfWhole() throws -> Shard {
    switch numbers {
    case .failure(let unclear):
      throw CommandFailure(
        .usage,
        "--shard auto: \(unclear.reason); number the tasks 1 to N and give --shard auto/N")
    case .success(let numbers):
      let all = Array(numbers.prefix(Shard.most + 1))
      guard let place = all.firstIndex(of: number), let shard = Shard(place + 1, of: all.count)
      else {
        throw CommandFailure(
          .usage,
          "--shard auto: \(variable) is \(number), which is none of the array's \(all.count) numbers as its "
            + "other variables tell them; give --shard I/N")
      }
      return shard
    }
  }

  // MARK: - Schedulers

  /// What each scheduler tells, if it has started the process; one that runs inside of others comes first.
  private static let schedulers: [@Sendable ((String) -> String?) -> ArrayTask?] = [
    hyperQueue, slurm, pbs, lsf, gridEngine,
  ]

  /// A whole number that a variable holds; other texts, such as SGE's `undefined`, are as if it were not set.
  private static func number(_ text: String?) -> Int? { text.flatMap { Int($0) } }

  private static func hyperQueue(_ variables: (String) -> String?) -> ArrayTask? {
    plain("HQ_TASK_ID", "HyperQueue", variables)
  }

  private static func pbs(_ variables: (String) -> String?) -> ArrayTask? {
    plain("PBS_ARRAY_INDEX", "PBS", variables) ?? plain("PBS_ARRAYID", "PBS", variables)
  }

  /// A scheduler that tells nothing but the task's own number.
  private static func plain(
    _ variable: String, _ scheduler: String, _ variables: (String) -> String?
  ) -> ArrayTask? {
    number(variables(variable)).map {
      ArrayTask(
        variable: variable, number: $0,
        numbers: .failure(
          Unclear(reason: "\(scheduler) does not tell how many tasks the array has")))
    }
  }

  private static func slurm(_ variables: (String) -> String?) -> ArrayTask? {
    func value(_ name: String) -> Int? { number(variables("SLURM_ARRAY_TASK_" + name)) }
    guard let own = value("ID") else { return nil }
    func task(_ numbers: Result<StrideThrough<Int>, Unclear>) -> ArrayTask {
      ArrayTask(variable: "SLURM_ARRAY_TASK_ID", number: own, numbers: numbers)
    }
    guard let first = value("MIN"), let last = value("MAX"), let count = value("COUNT"),
      first <= last, count > 0
    else {
      return task(
        .failure(
          Unclear(
            reason: "SLURM_ARRAY_TASK_MIN, _MAX and _COUNT do not tell which tasks the array has")))
    }
    // Slurm gives no step, or 1, where tasks are listed one by one.
    for step in [value("STEP"), 1].compactMap({ $0 })
    where step > 0 && (last - first) / step + 1 == count {
      return task(.success(stride(from: first, through: last, by: step)))
    }
    return task(
      .failure(
        Unclear(
          reason: "the array's \(count) tasks are not evenly spaced from \(first) to \(last)")))
  }

  /// LSF tells the last number and the step; the first is at least 1.
  private static func lsf(_ variables: (String) -> String?) -> ArrayTask? {
    guard let own = number(variables("LSB_JOBINDEX")), own > 0 else { return nil }
    let step = number(variables("LSB_JOBINDEX_STEP")) ?? 1
    guard let last = number(variables("LSB_JOBINDEX_END")), step > 0, last >= own else {
      return ArrayTask(
        variable: "LSB_JOBINDEX", number: own,
        numbers: .failure(
          Unclear(reason: "LSB_JOBINDEX_END does not tell how many tasks the array has")))
    }
    return ArrayTask(
      variable: "LSB_JOBINDEX", number: own,
      numbers: .success(stride(from: 1 + (own - 1) % step, through: last, by: step)))
  }

  private static func gridEngine(_ variables: (String) -> String?) -> ArrayTask? {
    guard let own = number(variables("SGE_TASK_ID")) else { return nil }
    guard let first = number(variables("SGE_TASK_FIRST")),
      let last = number(variables("SGE_TASK_LAST")),
      let step = number(variables("SGE_TASK_STEPSIZE")), step > 0, first <= last
    else {
      return ArrayTask(
        variable: "SGE_TASK_ID", number: own,
        numbers: .failure(
          Unclear(
            reason: "SGE_TASK_FIRST, _LAST and _STEPSIZE do not tell which tasks the array has")))
    }
    return ArrayTask(
      variable: "SGE_TASK_ID", number: own,
      numbers: .success(stride(from: first, through: last, by: step)))
  }
}
