// SPDX-License-Identifier: MIT

import Testing

@testable import Reporting
@testable import Training

@Suite("The page of a training")
struct TrainingReportTests {
  private func metrics(_ lines: String...) throws -> [TrainingMetrics] {
    try lines.map { try #require(TrainingMetrics(line: $0)) }
  }

  private static let lines = [
    #"{"step": 10, "loss": 0.5, "learning_rate": 0.001, "validation": {"a<b": 0.25, "c": 1}}"#,
    #"{"step": 15, "loss": 0.4, "learning_rate": 0.001}"#,
    #"{"step": 20, "loss": 0.3, "learning_rate": 0.0005, "validation": {"a<b": 0.125, "c": 2}, "#
      + #""validation_energy": {"a<b": 0.7}, "#
      + #""validation_by_element": {"a<b": {"Cu": 0.1, "O": 0.2}}, "#
      + #""validation_by_size": {"a<b": [0.01, null, 0.02, 0.04, null, null, 3]}, "#
      + #""validation_zero": {"a<b": 0.3, "c": 4}, "validation_median": {"a<b": 0.28, "c": 3.5}}"#,
    #"{"step": 30, "loss": 0.2, "learning_rate": 0.0005, "validation": {"a<b": null, "c": 3}}"#,
  ]

  private func run(_ name: String, seconds: Double = 1800) throws -> TrainingReport.Run {
    let times = [0.5, 1].map { share in
      #"{"step": \#(Int(30 * share)), "seconds": \#(share * seconds), "frames_per_second": 12.34}"#
    }
    return TrainingReport.Run(
      name: name, metrics: try Self.lines.map { try #require(TrainingMetrics(line: $0)) },
      timings: try times.map { try #require(TrainingTiming(line: $0)) },
      configuration: "model: {architecture: gns} # & more")
  }

  @Test("shows the best evaluation, all curves and the configuration")
  func page() throws {
    let html = TrainingReport(title: "Training in <runs>", runs: [try run("r")]).html()
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    #expect(html.contains("<h1>Training in &lt;runs&gt;</h1>"))
    #expect(html.contains("<b>0.1250</b> eV/Å on a&lt;b<br>"))
    #expect(html.contains("of the best model, of step 20"))
    #expect(html.contains("<b>0.50</b> hours<br><small>12.3 frames/s at the end</small>"))
    #expect(html.contains("# &amp; more</pre>"))
    for title in [
      "Loss", "Force MAE on a&lt;b", "Force MAE on c", "Force MAE by element on a&lt;b",
      "Force MAE by size on a&lt;b", "Learning rate", "Time",
    ] {
      #expect(html.contains("aria-label=\"\(title)\""), "\(title)")
    }
    // One energy is no curve, and of c nothing is known by element.
    #expect(!html.contains("aria-label=\"Energy MAE") && !html.contains("by element on c"))
    #expect(html.contains("no force, 0.3<") && html.contains("median force, 3.5<"))
    #expect(!html.contains("http:") && !html.contains("https:"))
  }

  @Test("Several trainings lie over each other, each with its name, and tables have a row each")
  func several() throws {
    let report = TrainingReport(
      title: "t", runs: [try run("first"), try run("sec<ond", seconds: 90)])
    let plots = TrainingPlots([try run("first"), try run("sec<ond")]).all
    let loss = try #require(plots.first { $0.name == "loss" }?.plot as? Plot)
    #expect(loss.series.map(\.name) == ["first", "sec<ond"] && loss.yScale == .logarithmic)
    let force = try #require(plots.first { $0.name == "force-error-a_b" }?.plot as? Plot)
    #expect(
      force.series.map(\.name) == ["first", "sec<ond", "no force, 0.3", "median force, 0.28"])
    #expect(force.series.map(\.mark) == [.line, .line, .dashed, .dotted])
    let sizes = try #require(plots.first { $0.name == "error-by-size-a_b" }?.plot as? Plot)
    #expect(sizes.series[0].points.map(\.y) == [0.01, 0.02, 0.04, 3])
    #expect(sizes.series[0].labels.last == "first, true force from 3 eV/Å on")
    #expect(report.figureNames == plots.map(\.name) && Set(report.figureNames).count == plots.count)
    let tables = report.tableSet
    #expect(tables.main.rows.count == 2)
    let elements = try #require(tables.others.first { $0.name == "elements" })
    #expect(elements.rows.map { $0[2].shown } == ["Cu", "O", "Cu", "O"])
    #expect(
      ([tables.main] + tables.others).allSatisfy { TrainingReport.tableNames.contains($0.name) })
    #expect(tables.others.last?.rows.count == 2 * 7)
  }

  @Test("The learning rate is that of every step, unless it was another than the schedule's")
  func learningRate() throws {
    var run = try self.run("r")
    run.schedule = LearningRateSchedule(
      initial: 0.001, warmupSteps: 0, constantSteps: 17, halvingInterval: 100)
    #expect(run.rates.map(\.x) == [0, 17, 30] && run.rates.map(\.y) == [0.001, 0.0005, 0.0005])
    run.schedule?.initial = 0.002
    #expect(run.rates.map(\.x) == [10, 15, 20, 30])
  }

  @Test(
    "Times are in the unit that has digits",
    arguments: [(90, "1.5", "minutes"), (3600, "1.00", "hours")])
  func times(seconds: Int, number: String, unit: String) throws {
    let page = TrainingReport(title: "t", runs: [try run("r", seconds: Double(seconds))]).html()
    #expect(page.contains("<b>\(number)</b> \(unit)<br>"))
  }

  @Test("stands without evaluations, and without anything")
  func empty() throws {
    let metrics = try metrics(
      #"{"step": 1, "loss": 1, "learning_rate": 1}"#, #"{"step": 2, "loss": 1, "learning_rate": 1}"#
    )
    let some = TrainingReport(
      title: "t", runs: [.init(name: "r", metrics: metrics, timings: [], configuration: "")])
    #expect(!some.html().contains("Force MAE") && some.html().contains("aria-label=\"Loss\""))
    let none = TrainingReport(
      title: "t", runs: [.init(name: "r", metrics: [], timings: [], configuration: "")])
    #expect(!none.html().contains("<svg") && none.figures().isEmpty)
  }

  @Test(
    "What is known by element and by size is read as it was written, and old lines have none of it")
  func breakdowns() throws {
    let line = try #require(TrainingMetrics(line: Self.lines[2]))
    let set = line.validation[0]
    #expect(
      set.byElement.map(\.symbol) == ["Cu", "O"] && set.byElement.map(\.error) == [0.1, 0.2])
    #expect(set.bySize == [0.01, nil, 0.02, 0.04, nil, nil, 3])
    #expect(set.zeroError == 0.3 && set.medianError == 0.28)
    #expect(line.validation[1].byElement.isEmpty && line.validation[1].zeroError == 4)
    #expect(try #require(TrainingMetrics(line: line.json.text(.oneLine))) == line)
    let old = try #require(TrainingMetrics(line: Self.lines[0]))
    #expect(old.validation.allSatisfy { $0.bySize.isEmpty && $0.zeroError == nil })
    #expect(!old.json.text(.oneLine).contains("by_element"))
  }

  @Test(
    "Lines that are none are left out",
    arguments: ["", "{", "{\"step\": 1}", "{\"step\": 1.5, \"loss\": 1, \"learning_rate\": 1}"])
  func damaged(line: String) {
    #expect(TrainingMetrics(line: line) == nil)
    #expect(TrainingTiming(line: line) == nil)
  }
}
