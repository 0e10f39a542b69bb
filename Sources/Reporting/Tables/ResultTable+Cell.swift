// SPDX-License-Identifier: MIT

import Files

extension ResultTable {
  /// What a cell is, for programs.
  public enum Value: Hashable, Sendable {
    /// Not known, or not there: `null` in the JSON.
    case missing
    /// Words or an id, as they are.
    case text(String)
    /// A number in the unit of the JSON; one that is not finite is missing.
    case number(Double)
    /// A count.
    case integer(Int)
    /// Yes or no.
    case boolean(Bool)

    init(_ value: Double?) {
      if let value, value.isFinite { self = .number(value) } else { self = .missing }
    }
  }

  /// A cell: how it is read, and what it is.
  public struct Cell: Hashable, Sendable {
    /// What people read.
    public let shown: String
    /// What programs read: one value, or one a key of the column.
    public let values: [Value]
    /// Whether it is a name from outside, in which every character counts.
    public let isName: Bool
    /// The number of the structure in the viewer of a page, if it is to be seen there.
    public let structure: Int?

    /// A cell that is read as `shown` and is `values`.
    public init(_ shown: String, _ values: [Value], isName: Bool = false, structure: Int? = nil) {
      (self.shown, self.values) = (shown, values)
      (self.isName, self.structure) = (isName, structure)
    }

    /// Whether it is words of such a length that lines have to be broken.
    var isProse: Bool { !isName && shown.utf8.count > 40 }

    /// Nothing, for a column with `keys` keys.
    public static func missing(keys: Int = 1) -> Cell {
      Cell(Decimals.missing, [Value](repeating: .missing, count: keys))
    }

    /// What is not known.
    public static var missing: Cell { missing() }

    /// An empty cell: nothing to say, as opposed to something not known.
    public static var empty: Cell { Cell("", [.missing]) }

    /// Words.
    public static func text(_ text: String) -> Cell { Cell(text, [.text(text)]) }

    /// Words for people in place of `value`.
    public static func words(_ shown: String, _ value: Value) -> Cell { Cell(shown, [value]) }

    /// A name from outside: cut where it is shown, whole for programs.
    public static func name(_ name: String, atMost most: Int = 64) -> Cell {
      Cell(Excerpt.name(name, atMost: most), [.text(name)], isName: true)
    }

    /// An id, and where the structure is in the viewer of the page, if there.
    public static func structure(id: String, number: Int? = nil) -> Cell {
      Cell(Excerpt.name(id), [.text(id)], isName: true, structure: number)
    }

    /// A number, shown with `decimals` decimals.
    public static func number(_ value: Double?, decimals: Int) -> Cell {
      Cell(Decimals.fixed(value, decimals), [Value(value)])
    }

    /// A count.
    public static func count(_ count: Int?) -> Cell {
      count.map { Cell("\($0)", [.integer($0)]) } ?? .missing
    }

    /// A share from 0 to 1, shown in percent.
    public static func share(_ share: Double?, decimals: Int = 2) -> Cell {
      Cell(Decimals.percent(share, decimals), [Value(share)])
    }

    /// A difference of shares, shown in percentage points.
    public static func points(_ difference: Double?) -> Cell {
      Cell(Decimals.fixed(difference.map { $0 * 100 }, 2) + " pp", [Value(difference)])
    }

    /// A range of numbers, of which both ends are values: `low` and `high`.
    public static func range(_ low: Double, _ high: Double, decimals: Int) -> Cell {
      Cell(
        "\(Decimals.fixed(low, decimals)) to \(Decimals.fixed(high, decimals))",
        [Value(low), Value(high)])
    }

    /// A range of differences of shares.
    public static func points(from low: Double, to high: Double) -> Cell {
      Cell(
        "\(Decimals.fixed(low * 100, 2)) to \(Decimals.fixed(high * 100, 2)) pp",
        [Value(low), Value(high)])
    }
  }
}
