// SPDX-License-Identifier: MIT

import ArgumentParser
import CLibrary
import Files
import Reporting
import StructureFiles

struct View: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at structures and trajectories in a browser.",
    discussion: """
      relax view slabs.extxyz
      relax view relaxed.extxyz path.extxyz -o slabs.html
      relax view run1/OUTCAR
      relax view data.lmdb --select "natoms<100"

      Every format that is read can be shown. Frames of one id with a `fid`, and a relaxed structure \
      of that id, are one structure with its path; others are structures of their own.

      Without -o the page is a temporary file and opened at once, by what $BROWSER names or by \
      xdg-open. Where there is no browser, as on a cluster, it is written to this folder as \
      NAME.html, after the first file. It needs no network and no other file.

      \(ExitStatus.help("0 shown or written, 65 a frame cannot be used"))
      """)

  @Argument(help: "Files of structures, or folders of them.", completion: .file())
  var inputs: [String]

  @OptionGroup var reading: ReadingOptions

  @Option(name: [.short, .long], help: "Write the page to this file, and do not open it.")
  var output: String?

  @Flag(help: "Open the page in a browser, also with -o.")
  var open = false

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  func validate() throws {
    if open && output == "-" {
      throw ValidationError("--open needs a file, not standard output: leave out -o, or name one")
    }
  }

  func run() throws {
    let inputs = try InputFiles.files(in: inputs)
    let name = StructureReader.baseName(of: inputs.first ?? "")
    let browser = output == nil || open ? Browser.found : nil
    let isTemporary = output == nil && browser != nil
    let folder = isTemporary ? try View.temporaryFolder() : nil
    let path = output ?? (folder.map { $0 + "/" } ?? "") + "\(name).html"
    var isWritten = false
    defer { if let folder, !isWritten { FileSystem.removeFolder(folder) } }
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.writes(path, "--output", .html)
    let outputs: Outputs
    do { outputs = try plan.begin() } catch let error as FileError
      where error.kind == .exists && output == nil
    {
      throw CommandFailure(
        .cannotWrite,
        "\(path): the file exists, and there is no browser to open a temporary page in; name another with "
          + "-o, or pass --overwrite to replace it")
    }
    defer { outputs.end() }
    let (page, bad) = try page(of: inputs)
    try outputs.write(page.html(), to: path)
    isWritten = true
    if !isTemporary { outputs.announce(quiet: quiet) }
    if let browser {
      if browser.open(FileSystem.resolved(path) ?? path) {
        if isTemporary && !quiet { Console.error("opened: \(PathText.shown(path))") }
      } else {
        Console.warn("the browser could not be started; the page is \(PathText.shown(path))")
      }
    } else if output == nil || open {
      Console.warn(
        "no browser was found (BROWSER is not set, or there is no screen for xdg-open); the page is "
          + PathText.shown(path))
    }
    if let bad { throw CommandFailure(.badData, bad.description) }
  }

  /// Reads everything, as far as it can be shown.
  ///
  /// - Returns: the page, and the first frame that cannot be used.
  private func page(of inputs: [String]) throws -> (AlbumPage, FileError?) {
    var album = StructureAlbum()
    var files: [(path: String, format: String)] = []
    var bad: [FileError] = []
    var isFull = false
    for path in inputs where !isFull {
      let reader = try StructureReader(
        path: path, selecting: reading.filters, assuming: reading.assumptions)
      files.append((path, reader.format))
      let name = StructureReader.baseName(of: path)
      while !isFull, let frame = try reader.next() {
        switch frame.content {
        case .failure(let error): bad.append(error)
        case .success(let structure):
          // Steps of a trajectory that names none of its frames are frames of the one thing that it is.
          let isNameless = frame.identifier == "\(name)#\(frame.index)"
          isFull = !album.add(
            structure, id: frame.identifier,
            name: isNameless && structure.attribute("fid") != nil ? name : nil)
        }
      }
      if !isFull { Console.warn(about: reader) }
    }
    try InputFiles.requireSome(album.frameCount, of: reading.filters, in: inputs)
    guard !album.isEmpty else {
      throw CommandFailure(
        .badData, bad.first?.description ?? "\(inputs.joined(separator: ", ")): no structures")
    }
    var remarks: [String] = []
    if isFull {
      remarks.append(
        "Reading stopped at \(album.count) structures, which is as many as a page can show; --select "
          + "chooses others.")
      Console.warn(
        "reading stopped at \(album.count) structures, which is as many as a page can show; choose by --select"
      )
    }
    if let first = bad.first {
      remarks.append(
        "\(bad.count == 1 ? "1 frame" : "\(bad.count) frames") cannot be used, the first: \(first.description)"
      )
    }
    return (AlbumPage(album, files: files, remarks: remarks), bad.first)
  }

  /// A new folder of this user alone, for a page that is looked at once.
  private static func temporaryFolder() throws -> String {
    var template = Array(
      "\(Environment.value("TMPDIR") ?? "/tmp")/relax-view-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandFailure(
        .cannotWrite,
        "\(String(cString: template)): no temporary folder can be made: \(String(cString: strerror(errno)))"
      )
    }
    return String(cString: template)
  }
}
