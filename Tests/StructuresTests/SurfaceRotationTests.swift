// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@Suite("Steps of a turn about the surface normal") struct SurfaceRotationStepTests {
  @Test("Quarter turns are exact, whatever they are a part of")
  func quarters() {
    let vector = Vector3(1, 2, 3)
    let turned = [vector, Vector3(-2, 1, 3), Vector3(-1, -2, 3), Vector3(2, -1, 3)]
    for count in [1, 2, 4, 8, 12] {
      for step in -count..<2 * count where 4 * step % count == 0 {
        let quarter = ((4 * step / count) % 4 + 4) % 4
        #expect(SurfaceRotation(step: step, of: count)(vector) == turned[quarter])
      }
    }
  }

  @Test("Steps add up to a full turn, and inverses undo them", arguments: [3, 5, 7, 360])
  func fullTurn(count: Int) {
    let start = Vector3(0.3, -1.7, 4)
    var vector = start
    for step in 0..<count {
      let rotation = SurfaceRotation(step: step, of: count)
      #expect((rotation.inverse(rotation(start)) - start).length < 1e-15)
      vector = SurfaceRotation(step: 1, of: count)(vector)
    }
    #expect((vector - start).length < 1e-13)
  }
}
