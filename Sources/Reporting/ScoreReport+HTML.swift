// SPDX-License-Identifier: MIT

import Scoring

extension ScoreReport {
  /// More structures than this are not listed one by one in the page.
  static let pageRows = 1000

  /// The score as one page that needs nothing else: no scripts, no fonts, no network; prints well.
  public func html() -> String {
    let title = HTMLText.escaped("\(predicted) against \(reference)")
    var body = "<h1>\(title)</h1>\n<div class=\"numbers\">\n"
    body += number("ADwT", score.adwt, "of structures within distance limits, on average")
    if let afbt = score.afbt {
      body += number("AFbT", afbt, "of structures with forces below limits, on average")
    }
    body += "</div>\n"
    body += HTMLText.table([], counts.rows, numbers: [1])
    body +=
      "<div class=\"plots\">\n" + plots.map { $0.svg() }.joined(separator: "\n") + "\n</div>\n"
    if !score.failures.isEmpty {
      body += "<h2>Failed</h2>\n"
      body += HTMLText.table(
        ["id", "reason"], score.failures.prefix(ScoreReport.pageRows).map { [$0.id, $0.reason] })
      body += more(score.failures.count)
    }
    for (name, ids) in [
      ("Missing", score.missing), ("Unlabelled", score.unlabelled), ("Extra", score.extra),
    ] where !ids.isEmpty {
      let list = ids.prefix(ScoreReport.pageRows).map(HTMLText.escaped).joined(separator: ", ")
      body += "<h2>\(name)</h2>\n<p>\(list)</p>\n" + more(ids.count)
    }
    body += "<h2>Structures, farthest first</h2>\n" + structuresTable + more(score.structures.count)
    body += "<h2>Settings</h2>\n<ul>\n"
    for sentence in settingsInWords { body += "<li>\(HTMLText.escaped(sentence))</li>\n" }
    body += "</ul>\n"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(ScoreReport.sheet)
      </style>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }

  private func number(_ name: String, _ share: Double, _ meaning: String) -> String {
    "<p><b>\(Decimals.percent(share))</b> \(name)<br><small>\(meaning)</small></p>\n"
  }

  private func more(_ count: Int) -> String {
    count > ScoreReport.pageRows
      ? "<p><small>\(ScoreReport.pageRows) of \(count); all are in the JSON report.</small></p>\n"
      : ""
  }

  private var structuresTable: String {
    // Structures without a distance come first: they are the worst.
    let sorted = score.structures.enumerated().sorted {
      let (a, b) = ($0.element.distance ?? .infinity, $1.element.distance ?? .infinity)
      return a == b ? $0.offset < $1.offset : a > b
    }
    let rows = sorted.prefix(ScoreReport.pageRows).map { item in
      [item.element.id, Decimals.fixed(item.element.distance, 4)]
        + (score.afbt == nil ? [] : [Decimals.fixed(item.element.fmax, 4)])
    }
    let header = ["id", "distance (Å)"] + (score.afbt == nil ? [] : ["largest force (eV/Å)"])
    return HTMLText.table(header, rows, numbers: [1, 2])
  }

  private var plots: [LinePlot] {
    var plots = [
      LinePlot(
        title: "Structures closer than a distance (DwT)", xLabel: "mean distance of free atoms (Å)",
        yLabel: "share (%)",
        points: zip(Thresholds.distance.values, score.distanceShares).map { ($0, $1 * 100) },
        yEnd: 100)
    ]
    if let shares = score.forceShares {
      plots.append(
        LinePlot(
          title: "Structures with forces below a limit (FbT)",
          xLabel: "largest force on free atoms (eV/Å)", yLabel: "share (%)",
          points: zip(Thresholds.force.values, shares).map { ($0, $1 * 100) }, yEnd: 100))
    }
    if let curves = score.curves {
      plots.append(
        LinePlot(
          title: "ADwT if stopped after a step", xLabel: "step", yLabel: "ADwT (%)",
          points: zip(curves.steps, curves.adwt).map { (Double($0), $1 * 100) }, yEnd: 100))
      plots.append(
        LinePlot(
          title: "Mean distance if stopped after a step", xLabel: "step",
          yLabel: "mean distance (Å)",
          points: zip(curves.steps, curves.meanDistance).map { (Double($0), $1) }))
    }
    return plots
  }

  private static let sheet = """
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
      padding: 0 1rem; color: #1c2430; background: #fff; }
    h1 { font-size: 1.3rem; font-weight: 600; overflow-wrap: anywhere; }
    h2 { font-size: 1.05rem; font-weight: 600; margin-top: 2rem; }
    small { color: #5b6675; }
    .numbers { display: flex; flex-wrap: wrap; gap: 0 3rem; }
    .numbers b { font-size: 2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
    table { border-collapse: collapse; margin: 1rem 0; }
    th, td { text-align: left; padding: .15rem 1.2rem .15rem 0; border-bottom: 1px solid #e3e7ec;
      overflow-wrap: anywhere; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    svg { width: 100%; height: auto; break-inside: avoid; }
    svg text { font-size: 12px; fill: #5b6675; }
    svg .title { font-size: 14px; fill: #1c2430; }
    .grid { stroke: #e3e7ec; fill: none; }
    .curve { stroke: #1f6fb2; stroke-width: 2; fill: none; stroke-linejoin: round; }
    @media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; } }
    """
}
