// SPDX-License-Identifier: MIT

/// The part of a page that shows structures in three dimensions: controls, a canvas and the data, which ``script``
/// brings together; it is this package's own and needs nothing from elsewhere.
///
/// Its parts are found by their `data-part`; all that holds ids or other words of files is put there by the script
/// as text, never as HTML.
public struct ViewerSection: Sendable {
  private let gallery: StructureGallery

  /// Shows `gallery`.
  public init(_ gallery: StructureGallery) { self.gallery = gallery }

  /// The rules for what the section consists of.
  public static var style: String {
    String(decoding: PackageResources.viewer_css, as: UTF8.self)
  }

  /// The script, to stand behind everything else; its parts share names with each other and with nothing else.
  public static var script: String {
    let parts = [
      PackageResources.viewer_data_js, PackageResources.viewer_camera_js,
      PackageResources.viewer_picture_js, PackageResources.viewer_chooser_js,
      PackageResources.viewer_paths_js, PackageResources.viewer_js,
    ]
    let code = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    return "(() => {\n\"use strict\";\n\(code)})();\n"
  }

  /// The section, or nothing if there is nothing to see.
  public func html() -> String {
    guard !gallery.isEmpty else { return "" }
    return """
      <section id="structures" class="viewer" aria-label="Structures in three dimensions" tabindex="-1">
      <h2>Structures</h2>
      \(ViewerSection.controls)\(remark)<noscript><p>Structures are drawn by a script, which this browser does \
      not run.</p></noscript>
      <script type="application/json" id="structures-data">\(ScriptText.expression(gallery.data))</script>
      </section>

      """
  }

  private var remark: String {
    guard gallery.absurd > 0 else { return "" }
    let frames = gallery.absurd == 1 ? "1 frame" : "\(gallery.absurd) frames"
    return "<p><small>Not shown: \(frames) with an atom more than 1 mm away.</small></p>\n"
  }

  private static let controls = """
    <div class="viewer-bar">
    <button type="button" data-part="previous" title="previous structure (Page Up)" \
    aria-label="previous structure">‹</button>
    <button type="button" data-part="next" title="next structure (Page Down)" \
    aria-label="next structure">›</button>
    <div class="viewer-chooser"><input type="text" data-part="search" role="combobox" \
    aria-expanded="false" aria-controls="structures-list" aria-autocomplete="list" autocomplete="off" \
    spellcheck="false" placeholder="find an id or formula" aria-label="find a structure by id or formula">
    <ul id="structures-list" role="listbox" aria-label="structures" data-part="list" hidden></ul></div>
    <span data-part="place"></span>
    </div>
    <h3 data-part="title"></h3>
    <p class="viewer-facts" role="status" data-part="facts"></p>
    <div class="viewer-stage"><canvas tabindex="0" role="img" data-part="canvas" \
    aria-describedby="structures-keys"></canvas>
    <p class="viewer-tip" data-part="tip" hidden></p></div>
    <div class="viewer-path" data-part="path">
    <button type="button" data-part="play" aria-label="play along the path" title="play (space)">▶</button>
    <div><input type="range" data-part="slider" min="0" max="0" value="0" step="1" aria-label="frame">
    <div class="viewer-sparks" data-part="sparks"></div></div>
    </div>
    <div class="viewer-bar">
    <span role="group" aria-label="direction of view">
    <button type="button" data-view="side">side</button>
    <button type="button" data-view="front">front</button>
    <button type="button" data-view="top">top</button></span>
    <label>cells <select data-part="images"><option value="1">1 × 1</option>\
    <option value="2">2 × 2</option><option value="3">3 × 3</option></select></label>
    <label>atoms <select data-part="wrap"><option value="wrapped">around the adsorbate</option>\
    <option value="file">as in the file</option></select></label>
    <label data-part="compare-label">compare <select data-part="compare"></select></label>
    <label><input type="checkbox" data-part="bonds" checked> bonds</label>
    <label><input type="checkbox" data-part="cell" checked> cell</label>
    <button type="button" data-part="reset" title="view, size and place as at first (double click)">\
    reset</button>
    </div>
    <p class="viewer-legend" data-part="legend"></p>
    <p class="viewer-picked" role="status" data-part="picked"></p>
    <p id="structures-keys" class="viewer-keys"><small>Drag to turn, with shift to move; pinch, or turn the wheel \
    with Ctrl or after a click, to zoom; click two atoms for their distance. On the picture, keys: arrows turn, \
    + and − zoom, space plays, Home resets, Page Up and Page Down change the structure.</small></p>

    """
}
