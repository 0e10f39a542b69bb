// SPDX-License-Identifier: MIT

import Reporting
import Testing
import Training

@Suite("The page of a training")
struct TrainingReportTests {
  private func metrics(_ lines: String...) throws -> [TrainingMetrics] {
    try lines.map { try #require(TrainingMetrics(line: $0)) }
  }

  @Test("shows the best evaluation, all curves and the configuration")
  func page() throws {
    let report = TrainingReport(
      title: "Training in <runs>",
      metrics: try metrics(
        #"{"step": 10, "loss": 0.5, "learning_rate": 0.001, "validation": {"a<b": 0.25, "c": 1}}"#,
        #"{"step": 15, "loss": 0.4, "learning_rate": 0.001}"#,
        #"{"step": 20, "loss": 0.3, "learning_rate": 0.0005, "validation": {"a<b": 0.125, "c": 2}}"#,
        #"{"step": 30, "loss": 0.2, "learning_rate": 0.0005, "validation": {"a<b": null, "c": 3}}"#
      ),
      timings: [
        try #require(
          TrainingTiming(line: #"{"step": 30, "seconds": 1800, "frames_per_second": 12.34}"#))
      ], configuration: "model: {architecture: gns} # & more")
    let html = report.html()
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    #expect(html.contains("<h1>Training in &lt;runs&gt;</h1>"))
    #expect(html.contains("<b>0.1250</b> eV/Å on a&lt;b<br>"))
    #expect(html.contains("of the best model, of step 20"))
    #expect(html.contains("<b>0.50</b> hours<br><small>12.3 frames/s at the end</small>"))
    #expect(html.contains(">c</span></td><td class=\"number\" data-value=\"2.0\">2.00000</td>"))
    #expect(html.contains("# &amp; more</pre>"))
    for title in ["Loss", "Force MAE on a&lt;b", "Force MAE on c", "Learning rate", "Time"] {
      #expect(html.contains("aria-label=\"\(title)\""))
    }
    #expect(html.split(separator: "<svg").count == 6)
    #expect(!HTMLCheck.withoutCode(html).contains("<script") && !html.contains("http"))
  }

  @Test(
    "Times are in the unit that has digits",
    arguments: [(90, "1.5", "minutes"), (3600, "1.00", "hours")])
  func times(seconds: Int, number: String, unit: String) throws {
    let timing = try #require(
      TrainingTiming(line: #"{"step": 1, "seconds": \#(seconds), "frames_per_second": 1}"#))
    let page = TrainingReport(title: "t", metrics: [], timings: [timing], configuration: "").html()
    #expect(page.contains("<b>\(number)</b> \(unit)<br>"))
  }

  @Test("stands without evaluations, and without anything")
  func empty() throws {
    let some = TrainingReport(
      title: "t", metrics: try metrics(#"{"step": 1, "loss": 1, "learning_rate": 1}"#),
      timings: [], configuration: "")
    #expect(!some.html().contains("Force MAE"))
    let none = TrainingReport(title: "t", metrics: [], timings: [], configuration: "")
    #expect(none.html().contains("aria-label=\"Loss\""))
  }

  @Test(
    "Lines that are none are left out",
    arguments: ["", "{", "{\"step\": 1}", "{\"step\": 1.5, \"loss\": 1, \"learning_rate\": 1}"])
  func damaged(line: String) {
    #expect(TrainingMetrics(line: line) == nil)
    #expect(TrainingTiming(line: line) == nil)
  }
}
