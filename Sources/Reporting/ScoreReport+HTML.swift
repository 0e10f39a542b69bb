// SPDX-License-Identifier: MIT

import Scoring

extension ScoreReport {
  /// More structures than this are not listed one by one in the page.
  static let pageRows = 1000

  /// The score as one page that needs nothing else: no scripts, no fonts, no network; prints well.
  public func html() -> String {
    var body = "<div class=\"numbers\">\n"
    body += number("ADwT", score.adwt, "of structures within distance limits, on average")
    if let afbt = score.afbt {
      body += number("AFbT", afbt, "of structures with forces below limits, on average")
    }
    body += "</div>\n"
    body += tables(.unicode, lists: false).map(HTMLText.section).joined()
    body += HTMLPage.plots(plots)
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
    return HTMLPage(title: title, body: body).text()
  }

  private func number(_ name: String, _ share: Double, _ meaning: String) -> String {
    HTMLPage.number(Decimals.percent(share), name, meaning)
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

  private var plots: [Plot] {
    var plots = [
      Plot(
        title: "Structures closer than a distance (DwT)", xLabel: "mean distance of free atoms (Å)",
        yLabel: "share (%)",
        points: zip(score.settings.distanceLimits.values, score.distanceShares).map {
          ($0, $1 * 100)
        },
        yEnd: 100)
    ]
    if let shares = score.forceShares {
      plots.append(
        Plot(
          title: "Structures with forces below a limit (FbT)",
          xLabel: "largest force on free atoms (eV/Å)", yLabel: "share (%)",
          points: zip(score.settings.forceLimits.values, shares).map { ($0, $1 * 100) }, yEnd: 100))
    }
    if let curves = score.curves {
      plots.append(
        Plot(
          title: "ADwT if stopped after a step", xLabel: "step", yLabel: "ADwT (%)",
          points: zip(curves.steps, curves.adwt).map { (Double($0), $1 * 100) }, yEnd: 100))
      plots.append(
        Plot(
          title: "Mean distance if stopped after a step", xLabel: "step",
          yLabel: "mean distance (Å)",
          points: zip(curves.steps, curves.meanDistance).map { (Double($0), $1) }))
    }
    return plots
  }
}
