// SPDX-License-Identifier: MIT

import Files
import Foundation

/// A headless browser that shows one page, driven through pipes by the DevTools protocol: what it complains of, what
/// the page asks of the network, and how the page answers to keys.
public final class Browser {
  /// What the browser could not do.
  public struct Failure: Error, CustomStringConvertible {
    /// In words.
    public var description: String
  }

  /// The first of the known browsers on the PATH: Chromium, or one made of it.
  public static let executable: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    for name in ["chromium", "chromium-browser", "google-chrome", "chrome"] {
      for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)")
      {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }()

  /// Whether there is one.
  public static var isInstalled: Bool { executable != nil }

  /// What a skipped test says.
  public static let skipMessage = "needs a browser on the PATH: chromium or google-chrome"

  /// Errors on the console, exceptions nobody caught, and addresses of the network that were asked for, since the last
  /// page was opened.
  public private(set) var complaints: [String] = []

  private let scratch: Scratch
  private let process = Process()
  private let toBrowser: FileHandle
  private let fromBrowser: FileHandle
  private var unread: [UInt8] = []
  private var events: [JSONText] = []
  private var lastCall = 0
  private var session: String?
  /// Seconds after which a browser that says nothing has failed.
  private static let patience = 120

  /// Starts the browser with an empty page.
  public init() throws {
    guard let executable = Browser.executable else {
      throw Failure(description: Browser.skipMessage)
    }
    scratch = try Scratch()
    let (orders, answers) = (scratch.path("orders"), scratch.path("answers"))
    for path in [orders, answers] where mkfifo(path, 0o600) != 0 {
      throw Failure(description: "no pipe at \(path)")
    }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "exec \"$@\" 3< \"$ORDERS\" 4> \"$ANSWERS\"", "sh", executable, "--headless=new",
      "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
      "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
      "--user-data-dir=\(scratch.path("profile"))", "about:blank",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["ORDERS": orders, "ANSWERS": answers, "HOME": scratch.folder]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // In the order in which the shell opens the other ends.
    toBrowser = try FileHandle(forWritingTo: URL(fileURLWithPath: orders))
    fromBrowser = try FileHandle(forReadingFrom: URL(fileURLWithPath: answers))
    let target = try call("Target.createTarget", ["url": .string("about:blank")])
    let attached = try call(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": .boolean(true)])
    guard case .string(let id)? = attached["sessionId"] else {
      throw Failure(description: "the browser gives no session")
    }
    session = id
    for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
  }

  deinit {
    try? toBrowser.close()
    process.terminate()
    process.waitUntilExit()
  }

  // MARK: - Pages

  /// Opens the page at `path` and waits until it is loaded.
  public func open(_ path: String, width: Int = 1200, height: Int = 900, isDark: Bool = false)
    throws
  {
    complaints = []
    try call(
      "Emulation.setDeviceMetricsOverride",
      [
        "width": .integer(width), "height": .integer(height), "deviceScaleFactor": .integer(1),
        "mobile": .boolean(false),
      ])
    try call(
      "Emulation.setEmulatedMedia",
      [
        "features": .array([
          [
            "name": .string("prefers-color-scheme"), "value": .string(isDark ? "dark" : "light"),
          ]
        ])
      ])
    events = []
    let url = URL(fileURLWithPath: path).absoluteString
    try call("Page.navigate", ["url": .string(url)])
    while !events.contains(where: { $0["method"] == .string("Page.loadEventFired") }) {
      try receive()
    }
    // Scripts that wait for the first picture.
    _ = try value(
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
  }

  /// What an expression of JavaScript is on the page, promises awaited.
  @discardableResult
  public func value(_ expression: String) throws -> JSONText {
    let answer = try call(
      "Runtime.evaluate",
      [
        "expression": .string(expression), "awaitPromise": .boolean(true),
        "returnByValue": .boolean(true),
      ])
    if let exception = answer["exceptionDetails"] {
      throw Failure(description: "\(expression): \(exception.text(.oneLine))")
    }
    return answer["result"]?["value"] ?? .null
  }

  /// Presses a key where the focus is: `Enter`, `Tab`, `ArrowRight` and the like.
  public func press(_ key: String) throws {
    let codes = ["Enter": 13, "Tab": 9, " ": 32, "ArrowLeft": 37, "ArrowRight": 39]
    let text = key == "Enter" ? "\r" : key.count == 1 ? key : nil
    for type in ["keyDown", "keyUp"] {
      var parameters: [JSONText.Member] = [
        .init("type", .string(type)), .init("key", .string(key)), .init("code", .string(key)),
        .init("windowsVirtualKeyCode", .integer(codes[key] ?? 0)),
      ]
      if type == "keyDown", let text { parameters.append(.init("text", .string(text))) }
      try call("Input.dispatchKeyEvent", .object(parameters))
    }
  }

  /// The page as a PDF.
  public func printed() throws -> [UInt8] {
    let answer = try call("Page.printToPDF", ["printBackground": .boolean(true)])
    guard case .string(let text)? = answer["data"], let data = Data(base64Encoded: text) else {
      throw Failure(description: "the browser prints nothing")
    }
    return Array(data)
  }

  // MARK: - Protocol

  @discardableResult
  private func call(_ method: String, _ parameters: JSONText = .object([])) throws -> JSONText {
    lastCall += 1
    let number = lastCall
    var members: [JSONText.Member] = [
      .init("id", .integer(number)), .init("method", .string(method)), .init("params", parameters),
    ]
    if let session { members.append(.init("sessionId", .string(session))) }
    try toBrowser.write(
      contentsOf: Data(Array(JSONText.object(members).text(.oneLine).utf8) + [0]))
    while true {
      guard let answer = try receive(), answer["id"] == .integer(number) else { continue }
      if let error = answer["error"] {
        throw Failure(description: "\(method): \(error.text(.oneLine))")
      }
      return answer["result"] ?? .null
    }
  }

  /// The next message; nil for an event, which is taken note of.
  @discardableResult
  private func receive() throws -> JSONText? {
    var end = unread.firstIndex(of: 0)
    while end == nil {
      var state = pollfd(fd: fromBrowser.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&state, 1, Int32(Browser.patience * 1000)) > 0 else {
        throw Failure(description: "the browser has said nothing for \(Browser.patience) s")
      }
      let searched = unread.count
      let more = fromBrowser.availableData
      guard !more.isEmpty else { throw Failure(description: "the browser has ended") }
      unread += more
      end = unread[searched...].firstIndex(of: 0)
    }
    let message = try JSONText(parsing: String(decoding: unread[..<(end ?? 0)], as: UTF8.self))
    unread.removeSubrange(...(end ?? 0))
    guard message["id"] == nil else { return message }
    note(message)
    return nil
  }

  private func note(_ event: JSONText) {
    let what = event["params"]
    switch event["method"] {
    case .string("Runtime.exceptionThrown"):
      complaints.append("exception: \(what?["exceptionDetails"]?.text(.oneLine) ?? "")")
    case .string("Runtime.consoleAPICalled"):
      if [.string("error"), .string("warning"), .string("assert")].contains(what?["type"]) {
        complaints.append("console: \(what?["args"]?.text(.oneLine) ?? "")")
      }
    case .string("Log.entryAdded"):
      if what?["entry"]?["level"] == .string("error") {
        complaints.append("log: \(what?["entry"]?.text(.oneLine) ?? "")")
      }
    case .string("Network.requestWillBeSent"):
      if case .string(let url)? = what?["request"]?["url"],
        !["file:", "data:", "blob:", "about:"].contains(where: url.hasPrefix)
      {
        complaints.append("asks the network for \(url)")
      }
    default: break
    }
    events.append(event)
  }
}
