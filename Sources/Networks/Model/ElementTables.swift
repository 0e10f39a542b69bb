// SPDX-License-Identifier: MIT

import Files
import Structures

/// What networks know of elements from the start: nine properties, and a radius.
///
/// Trained networks depend on these very numbers, so they are not corrected where better ones are
/// known. They are those of the released code, which took most of them from the `mendeleev`
/// package:
///
/// | column | property |
/// |---|---|
/// | 0 | group; in the f-block counted on, from Ce and Th = 4 to Lu = 17 |
/// | 1 | period |
/// | 2 | electronegativity after Sanderson; noble gases 1 |
/// | 3 | covalent radius, pm: Cordero et al., Dalton Trans. 2008, 2832 |
/// | 4 | valence electrons; 2 throughout the f-block |
/// | 5 | first ionisation energy, eV |
/// | 6 | electron affinity, eV; −3 where none was known |
/// | 7 | block: s 1, p 2, d 3, f 4 |
/// | 8 | atomic volume, cm³/mol |
///
/// Radii are atomic radii after Slater, J. Chem. Phys. 41, 3199 (1964), in pm.
public enum ElementTables {
  /// Properties of an element.
  public static let propertyCount = 9
  /// Rows of the tables: row *Z* is the element with atomic number *Z* up to fermium; row 0 is no
  /// element.
  public static let rowCount = 101

  /// `atom_map`, 101 × 9: each property mapped onto 0 to 1 over all elements that have it; NaN for
  /// the others.
  public static let atomMap: Tensor = {
    // Rounding is part of the definition: single precision, as in the released code.
    var low = [Float](repeating: .infinity, count: propertyCount)
    var high = [Float](repeating: -.infinity, count: propertyCount)
    for row in rows where !row.properties[0].isNaN {
      for (column, value) in row.properties.enumerated() {
        low[column] = min(low[column], value)
        high[column] = max(high[column], value)
      }
    }
    var values = [Float](repeating: .nan, count: propertyCount)
    for row in rows {
      values += (0..<propertyCount).map { (row.properties[$0] - low[$0]) / (high[$0] - low[$0]) }
    }
    return Tensor(shape: [rowCount, propertyCount], values: values)
  }()

  /// `atom_map` of networks without element properties, 101 × 9: *Z*/100 in every column; nothing
  /// is computed from it.
  public static let plainAtomMap = Tensor(
    shape: [rowCount, propertyCount],
    values: (0..<rowCount).flatMap { row in
      Array(repeating: linearGrid(row, count: rowCount), count: propertyCount)
    })

  /// `atom_radii`, 101: atomic radii in Å; NaN where there is none.
  public static let atomRadii = Tensor(
    shape: [rowCount], values: [.nan] + rows.map { $0.radius / 100 })

  /// Nine properties between 0 and 1, or nil if the element has none.
  public static func properties(of element: Element) -> [Float]? {
    let row = Int(element.atomicNumber)
    guard row < rowCount else { return nil }
    let values = atomMap.values[row * propertyCount..<(row + 1) * propertyCount]
    return values.contains(where: \.isNaN) ? nil : Array(values)
  }

  /// Atomic radius in Å, or nil if the element has none.
  public static func radius(of element: Element) -> Float? {
    let row = Int(element.atomicNumber)
    guard row < rowCount, !atomRadii.values[row].isNaN else { return nil }
    return atomRadii.values[row]
  }

  /// Point `index` of `count` from 0 to `last`, rounded as the released code's library does it: from
  /// the nearer end, by one fused operation.
  static func linearGrid(_ index: Int, count: Int, upTo last: Float = 1) -> Float {
    guard count > 1 else { return 0 }
    let step = last / Float(count - 1)
    return index < count / 2
      ? step * Float(index) : last.addingProduct(-step, Float(count - index - 1))
  }

  private struct Row {
    var properties: [Float]
    var radius: Float
  }

  private static let rows: [Row] = text.split(separator: "\n").map { line in
    let values = line.split(separator: " ").dropFirst().map { Float($0) ?? .nan }
    return Row(properties: Array(values.dropLast()), radius: values[propertyCount])
  }

  /// Symbol, columns 0 to 8, radius in pm; `-` stands for what is not known.
  private static let text = """
    H   1 1   2.1877708  31  1 13.598434   0.754195 1  14.1  25
    He 18 1           1  28  2 24.587387      -19.7 1  31.8 120
    Li  1 2 0.048867926 128  1 5.3917146   0.618049 1  13.1 145
    Be  2 2  0.12684727  96  2  9.322699       -2.4 1     5 105
    B  13 2  0.25462738  84  3  8.298019   0.279723 2   4.6  85
    C  14 2  0.42752504  73  4 11.260296   1.262119 2   5.3  70
    N  15 2   0.5774819  71  5  14.53413       -1.4 2  17.3  65
    O  16 2  0.94164944  66  6 13.618054  1.4611135 2    14  60
    F  17 2   1.0176814  57  7  17.42282  3.4011898 2  17.1  50
    Ne 18 2           1  58  8  21.56454         -3 2  16.8 160
    Na  1 3  0.09459764 166  1 5.1390767   0.547926 1  23.7 180
    Mg  2 3  0.15242106 141  2  7.646235         -3 1    14 150
    Al 13 3  0.23609269 121  3 5.9857683    0.43283 2    10 125
    Si 14 3   0.3468158 111  4  8.151683  1.3895211 2  12.1 110
    P  15 3   0.4510269 107  5 10.486686   0.746607 2    17 100
    S  16 3  0.63972515 105  6  10.36001   2.077104 2  15.5 100
    Cl 17 3   0.8123773 102  7  12.96763   3.612725 2  18.7 100
    Ar 18 3           1 106  8 15.759611      -11.5 2  24.2  71
    K   1 4 0.121838264 203  1 4.3406634    0.50147 1  45.3 220
    Ca  2 4  0.19015771 176  2 6.1131554    0.02455 1  29.9 180
    Sc  3 4   0.3038674 170  3   6.56149      0.188 3    15 160
    Ti  4 4   0.4055462 160  4   6.82812      0.079 3  10.6 140
    V   5 4   0.4388898 153  5  6.746187      0.525 3  8.35 135
    Cr  6 4   0.6017723 139  6   6.76651      0.666 3  7.23 140
    Mn  7 4   0.6707264 150  7  7.434018         -3 3  7.39 140
    Fe  8 4    0.748727 142  8 7.9024677      0.151 3   7.1 140
    Co  9 4  0.88324237 138  9   7.88101  0.6622565 3   6.7 135
    Ni 10 4  0.93770397 124 10  7.639877      1.156 3   6.6 135
    Cu 11 4   0.9175542 132 11   7.72638      1.235 3   7.1 135
    Zn 12 4   0.8100877 122 12  9.394199         -3 3   9.2 135
    Ga 13 4    0.720541 122  3  5.999302       0.43 2  11.8 130
    Ge 14 4  0.80014706 120  4  7.899435   1.232712 2  13.6 125
    As 15 4   0.8253373 119  5     9.789      0.804 2  13.1 115
    Se 16 4   0.9659121 120  6  9.752392    2.02067 2  16.5 115
    Br 17 4   1.0490257 120  7  11.81381   3.363588 2  23.5 115
    Kr 18 4           1 116  8 13.999605         -3 2  32.2   -
    Rb  1 5  0.17641366 220  1  4.177128    0.48592 1  55.9 235
    Sr  2 5   0.2631786 195  2  5.694867      0.048 1  33.7 200
    Y   3 5  0.39239413 190  3   6.21726      0.307 3  19.8 180
    Zr  4 5  0.47444665 175  4    6.6339      0.426 3  14.1 155
    Nb  5 5   0.5561695 164  5   6.75885   0.917406 3  10.8 145
    Mo  6 5    0.685295 154  6   7.09243      0.748 3   9.4 145
    Tc  7 5   0.8753613 147  7  7.119381       0.55 3   8.5 135
    Ru  8 5   0.9579373 146  8    7.3605       1.05 3   8.3 130
    Rh  9 5  0.97619146 142  9    7.4589      1.137 3   8.3 135
    Pd 10 5   1.1242632 139 12   8.33686      0.562 3   8.9 140
    Ag 11 5   0.9437955 145 11  7.576234      1.302 3  10.3 160
    Cd 12 5    0.801562 144 12  8.993822         -3 3  13.1 155
    In 13 5   0.7172747 142  3  5.786355        0.3 2  15.7 155
    Sn 14 5   0.7622797 139  4  7.343917   1.112067 2  16.3 145
    Sb 15 5  0.77627224 139  5  8.608389      1.046 2  18.4 145
    Te 16 5   0.8622506 138  6   9.00966   1.970876 2  20.5 140
    I  17 5  0.93864286 139  7  10.45126  3.0590367 2  25.7 140
    Xe 18 5           1 140  8 12.129843     -0.056 2  42.9   -
    Cs  1 6  0.18145305 244  1 3.8939056   0.471626 1    70 260
    Ba  2 6  0.30329514 215  2  5.211664    0.14462 1    39 215
    La  3 6  0.39465052 207  3    5.5769       0.47 3  22.5 195
    Ce  4 6  0.53561795 204  2    5.5386       0.65 4    21 185
    Pr  5 6    0.428804 203  2     5.473      0.962 4  20.8 185
    Nd  6 6  0.44721803 201  2     5.525      1.916 4  20.6 185
    Pm  7 6  0.45855373 199  2     5.582         -3 4 20.23 185
    Sm  8 6  0.47021452 198  2   5.64371         -3 4  19.9 185
    Eu  9 6  0.50850797 198  2  5.670385      0.864 4  28.9 185
    Gd 10 6    0.503386 196  2  6.149796         -3 4  19.9 180
    Tb 11 6   0.5163695 194  2    5.8638      1.165 4  19.2 175
    Dy 12 6  0.52973384 192  2   5.93905      0.352 4    19 175
    Ho 13 6  0.54349196 192  2    6.0215         -3 4  18.7 175
    Er 14 6   0.5576573 189  2    6.1077         -3 4  18.4 175
    Tm 15 6   0.5722439 190  2   6.18431      1.029 4  18.1 175
    Yb 16 6  0.51766783 187  2   6.25416      -0.02 4  24.8 175
    Lu 17 6   0.6027398 187  2  5.425871       0.34 4  17.8 175
    Hf  4 6  0.73521245 175  4   6.82507      0.014 3  13.6 155
    Ta  5 6   0.8358832 170  5   7.54957      0.322 3  10.9 145
    W   6 6   1.0192832 162  6   7.86403    0.81626 3  9.53 135
    Re  7 6   1.1745919 151  7   7.83352       0.15 3  8.85 135
    Os  8 6   1.2392759 144  8   8.43823        1.1 3  8.43 130
    Ir  9 6   1.4759983 141  9   8.96702     1.5638 3  8.54 135
    Pt 10 6   1.4510095 136 10   8.95883      2.128 3   9.1 135
    Au 11 6   1.4267007 136 11  9.225553    2.30863 3  10.2 135
    Hg 12 6   1.1647894 132 12 10.437504         -3 3  14.8 150
    Tl 13 6   0.9245096 145  3  6.108287      0.377 2  17.2 190
    Pb 14 6   0.9313226 146  4 7.4166794 0.35674316 2  18.3 180
    Bi 15 6  0.81365013 148  5  7.285516   0.942362 2  21.3 160
    Po 16 6   0.9256307 140  6     8.414        1.9 2  22.7 190
    At  - -           -   -  -         -          - -     -   -
    Rn 18 6           1 150  8   10.7485         -3 2  50.5   -
    Fr  - -           -   -  -         -          - -     -   -
    Ra  2 7   0.3596254 221  2  5.278424        0.1 1    45 215
    Ac  3 7  0.45831642 215  3  5.380226       0.35 3 22.54 195
    Th  4 7  0.55570185 206  2    6.3067         -3 4  19.8 180
    Pa  5 7   0.6230657 200  2      5.89         -3 4    15 180
    U   6 7    0.618118 196  2   6.19405         -3 4  12.5 175
    Np  7 7  0.61325395 190  2    6.2655         -3 4  21.1 175
    Pu  8 7  0.60847163 187  2    6.0258         -3 4 12.29 175
    Am  9 7  0.68341565 180  2    5.9738         -3 4  20.8 175
    Cm 10 7   0.6900095 169  2    5.9914         -3 4 18.28   -
    Bk  - -           -   -  -         -          - -     -   -
    Cf  - -           -   -  -         -          - -     -   -
    Es  - -           -   -  -         -          - -     -   -
    Fm  - -           -   -  -         -          - -     -   -
    """
}
