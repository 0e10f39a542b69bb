// SPDX-License-Identifier: MIT

/// What an output holds, and so which endings its name may have.
///
/// Every command asks here before anything is computed. A name without an ending, or with one that
/// stands for no format (`relaxed.2x2`), is taken for any kind, and so are pipes, devices and `-`.
public struct OutputKind: Hashable, Sendable {
  /// As messages call it: `a web page`.
  public let name: String
  /// Endings without their dot, in small letters, the usual one first.
  public let endings: [String]
  /// Whether `.gz` and `.xz` may follow.
  public let isCompressible: Bool
  /// Whole names, in small letters, that promise another format.
  public let foreignNames: Set<String>

  /// A kind of output.
  public init(
    _ name: String, endings: [String], isCompressible: Bool = false,
    foreignNames: Set<String> = []
  ) {
    (self.name, self.endings) = (name, endings)
    (self.isCompressible, self.foreignNames) = (isCompressible, foreignNames)
  }

  /// Results as one JSON value.
  public static let json = OutputKind("JSON", endings: ["json"])
  /// A line of JSON for each structure.
  public static let jsonLines = OutputKind(
    "lines of JSON", endings: ["jsonl", "ndjson", "json", "txt"])
  /// A page for a browser.
  public static let html = OutputKind("a web page", endings: ["html", "htm"])
  /// Lines for people.
  public static let log = OutputKind("a log", endings: ["log", "txt", "out"])
  /// A table as Markdown.
  public static let markdown = OutputKind("Markdown", endings: ["md", "markdown", "txt"])
  /// A table for programs.
  public static let csv = OutputKind("CSV", endings: ["csv"])
  /// Tables for a paper.
  public static let latex = OutputKind("LaTeX", endings: ["tex"])
  /// A drawing as SVG.
  public static let svg = OutputKind("a figure", endings: ["svg"])
  /// A network's weights and configuration.
  public static let model = OutputKind("a model", endings: ["safetensors"])

  /// Refuses a name whose ending promises what is not written.
  ///
  /// - Throws: kind `wrongName`.
  public func requireName(_ path: String) throws(FileError) {
    guard path != "-" else { return }
    let name = FileName(path)
    if isCompressible, let packing = name.packing, packing != "gz", packing != "xz" {
      throw refusal(path, "names ending with .\(packing)", "compressed with .gz or .xz")
    }
    if name.kind == nil, foreignNames.contains(name.stem.lowercased()) {
      throw refusal(path, "files called \(name.last)", list)
    }
    guard let ending = isCompressible ? name.kind : name.ending else { return }
    guard endings.contains(ending) || !OutputKind.formats.contains(ending) else {
      throw refusal(path, "names ending with .\(ending)", list)
    }
  }

  /// Endings that promise a format: those that are written here and those of others.
  private static let formats: Set<String> = [
    "xyz", "extxyz", "exyz", "json", "jsonl", "ndjson", "html", "htm", "md", "markdown", "svg",
    "safetensors", "gz", "xz", "bz2", "zst", "zip", "lzma", "lz4", "lz", "br", "z", "7z", "tar",
    "tgz",
    "traj", "db", "sqlite", "lmdb", "aselmdb", "mdb", "cif", "mcif", "pdb", "vasp", "poscar",
    "contcar",
    "outcar", "xdatcar", "xml", "xsf", "cube", "cell", "castep", "gen", "mol", "sdf", "res", "cfg",
    "nc",
    "lammps", "dump", "data", "gro", "trr", "xtc", "dcd", "pwi", "pwo", "in", "abinit", "fdf",
    "pdf", "png", "jpg", "jpeg", "gif", "webp", "eps", "ps", "tex", "csv", "tsv", "xlsx", "ods",
    "yaml", "yml", "toml", "pt", "pth", "ckpt", "pkl", "pickle", "npy", "npz", "h5", "hdf5",
    "parquet",
    "onnx", "msgpack",
  ]

  private var list: String {
    let dotted = endings.map { "." + $0 }
    let last = dotted.count > 1 ? " or " + (dotted.last ?? "") : ""
    let names = dotted.dropLast(dotted.count > 1 ? 1 : 0).joined(separator: ", ") + last
    return "as \(names)" + (isCompressible ? ", plain or with .gz or .xz" : "")
  }

  private func refusal(_ path: String, _ what: String, _ possible: String) -> FileError {
    FileError(
      .wrongName, file: path,
      "\(name) cannot be written to \(what); it can be written \(possible)")
  }
}
