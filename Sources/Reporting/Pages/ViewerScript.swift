// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// The JavaScript of the structure explorer chemiscope (BSD-3-Clause), which a page takes in if it is
/// installed: `pip install chemiscope` brings it.
///
/// It shows structures with cell and shapes, plays them, and maps their properties; it needs neither
/// network nor other scripts.
public struct ViewerScript: Sendable {
  /// Where it was found.
  public let path: String
  /// The script as it is in the file.
  let text: String

  /// The script in the file at `path`.
  ///
  /// - Throws: `FileError`, if it cannot be read or is not chemiscope.
  public init(path: String) throws(FileError) {
    let script = try TextFile.text(of: path)
    guard script.contains("Chemiscope") else {
      throw FileError(
        .content, file: path, "this is not chemiscope.min.js, which the wheel of chemiscope holds")
    }
    (self.path, text) = (path, script)
  }

  /// Where Python puts packages, below a folder such as `/usr`.
  private static let places = [
    "lib/python3/dist-packages", "lib/python3.*/site-packages", "lib/python3.*/dist-packages",
    "local/lib/python3.*/dist-packages", "share/relax/python",
  ]
  private static let file = "chemiscope/sphinx/static/chemiscope.min.js"

  /// The script among the packages of Python below `roots`, the first that there is.
  ///
  /// - Parameter roots: such as the value of `VIRTUAL_ENV`, `~/.local`, `/usr/local` and `/usr`.
  public static func find(below roots: [String]) -> String? {
    for root in roots {
      for place in places {
        for folder in Folder.matches("\(root)/\(place)") {
          let path = "\(folder)/\(file)"
          if FilePlace(path).exists { return path }
        }
      }
    }
    return nil
  }

  /// What a page holds to show `dataSet`.
  func section(_ dataSet: JSONText) -> String {
    // As data, because nothing in a file can then end its script early; an element that gets a text
    // runs it at once.
    let code = ScriptText.expression(.string(text))
    return """
      <h2 id="structures">Structures</h2>
      <p><small>Each structure from the initial one along its path to the predicted one, then the \
      reference; grey: atoms that are held. Drag to turn, scroll to zoom, choose a point of the map or \
      move the slider; the play button beside it runs along the path.</small></p>
      <div class="explorer" role="region" aria-label="Structures in three dimensions, and a map of them">
      <div class="map"><div id="relax-meta"></div><div id="relax-map"></div></div>
      <div class="view"><p id="relax-shown" role="status"></p><div id="relax-structure"></div>
      <div id="relax-info"></div></div>
      </div>
      <p id="relax-warning" role="status"></p>
      <script>
      (() => {
        const code = document.createElement("script");
        code.textContent = \(code);
        document.head.append(code);
      })();
      </script>
      <script>
      (() => {
        const warnings = new Chemiscope.Warnings();
        // That ids are no categories for symbols and colours is as it should be.
        const say = (message) => {
          if (message.includes("interpreted as categories")) return;
          document.getElementById("relax-warning").textContent = message;
        };
        warnings.addHandler(say);
        const data = \(ScriptText.expression(dataSet));
        const places = { map: "relax-map", info: "relax-info", meta: "relax-meta",
          structure: "relax-structure" };
        // The viewer's controls lie in shadow trees; some have no name, or no way to reach them by key.
        const each = (root, visit) => root.querySelectorAll("*").forEach((element) => {
          visit(element);
          if (element.shadowRoot) each(element.shadowRoot, visit);
        });
        const name = () => each(document.querySelector(".explorer"), (element) => {
          if (element.matches(".chsp-play-button")) {
            element.setAttribute("role", "button");
            element.setAttribute("aria-label", "play along the path");
            element.tabIndex = 0;
            element.onkeydown = (event) => {
              if (event.key !== "Enter" && event.key !== " ") return;
              event.preventDefault();
              element.click();
            };
          } else if (element.matches("input[type=range]")) {
            element.setAttribute("aria-label", "frame");
          } else if (element.matches("button:not([aria-label])") && !element.textContent.trim()) {
            element.setAttribute("aria-label", element.title || "viewer option");
          }
        });
        // The viewer counts frames; people look for ids.
        const shown = document.getElementById("relax-shown");
        const tell = ({ structure }) => {
          const value = (property) => data.properties[property].values[structure];
          const step = value("stage") === "reference" ? "" : `, step ${value("step")}`;
          shown.textContent = `${value("structure number")}: ${value("id")}, ${value("stage")}${step}, `
            + `${value("distance").toFixed(4)} Å from the reference`;
        };
        const follow = (viewer) => {
          // Whatever chooses a frame, the map, the slider or the play button, comes by here.
          for (const way of ["show", "onchange"]) {
            const original = viewer.info[way].bind(viewer.info);
            viewer.info[way] = (frame) => { original(frame); tell(frame); };
          }
          tell({ structure: 0 });
          // The map was drawn before all else had its place.
          window.dispatchEvent(new Event("resize"));
        };
        Chemiscope.DefaultVisualizer.load(places, data, warnings)
          .then((viewer) => { name(); follow(viewer); }).catch((error) => say(String(error)));
      })();
      </script>

      """
  }

  /// Rules for what the section consists of.
  static let style = """
    .explorer { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; height: 34rem; }
    .explorer > div { position: relative; min-height: 0; display: flex; flex-direction: column; }
    .explorer { color-scheme: light; color: #1c2430; background: #fff; }
    .map { overflow-x: auto; }
    .map #relax-map, .view #relax-structure { flex: 1; position: relative; min-height: 0; }
    .map #relax-map { min-width: 29rem; }
    #relax-meta { display: none; }
    #relax-shown { margin: 0; min-height: 3em; overflow-wrap: anywhere; }
    @media (max-width: 50rem) { .explorer { grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); height: 66rem; } }
    @media print { .explorer, #structures, #structures + p { display: none; } }
    """
}
