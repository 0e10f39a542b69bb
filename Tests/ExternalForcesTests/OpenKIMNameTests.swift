// SPDX-License-Identifier: MIT

import Forces
import Testing

@testable import ExternalForces

@Suite("OpenKIM: names")
struct OpenKIMNameTests {
  private func reason(_ model: String, library: String? = nil) -> String? {
    do {
      _ = try OpenKIMProvider(model: model, library: library)
      return nil
    } catch .badSpecification(let specification, let reason) {
      #expect(specification == "kim:model=\(model)")
      return reason
    } catch {
      return "another error: \(error)"
    }
  }

  @Test(
    "a missing library is told, with what to do", arguments: ["/nowhere/libkim.so", "libm.so.6"])
  func missingLibrary(_ path: String) throws {
    let told = try #require(reason("LennardJones_Ar", library: path))
    #expect(told.contains(path) && told.contains("RELAX_KIM_LIBRARY"))
  }

  @Test(
    "what can be no ID never gets to the library",
    arguments: ["", "a/b", "../x", "/tmp/x", "a b", "é", "x;y", String(repeating: "x", count: 256)])
  func impossibleNames(_ name: String) throws {
    #expect(try #require(reason(name, library: "/nowhere")).contains("letters, digits"))
  }

  @Test("an ID with a version needs no checksum")
  func versions() {
    #expect(OpenKIMProvider.hasVersion(OpenKIMSamples.copper))
    for name in ["LennardJones_Ar", "MO_1_2", "x__MO_346334655118", "x__SM_346334655118_005"] {
      #expect(!OpenKIMProvider.hasVersion(name))
    }
  }

  @Test("the model must be named")
  func noModel() {
    let error = #expect(throws: ForceError.self) {
      try ProviderCatalog(ExternalProviders.kinds).provider("kim")
    }
    #expect(error?.description.contains("kim:model=ID") == true)
  }

  @Test(
    "what is no portable model is refused for what it is",
    .enabled(if: OpenKIMSamples.areInstalled, "\(OpenKIMSamples.skipMessage)"))
  func otherItems() throws {
    let simulator = "Sim_LAMMPS_EIM_Zhou_2010_BrClCsFIKLiNaRb__SM_259779394709_000"
    #expect(try #require(reason(simulator)).contains("simulator model"))
    #expect(try #require(reason("SNAP__MD_536750310735_000")).contains("model driver"))
    let user = "TIDP_RajanWarnerCurtin_2016A_User01__MO_514760222899_001"
    #expect(try #require(reason(user)).contains("knows no chemical element"))
    let old = OpenKIMSamples.copper.dropLast() + "4"
    #expect(try #require(reason(String(old))).contains("did you mean `\(OpenKIMSamples.copper)`"))
    #expect(try #require(reason("zzz")).contains("there is no such KIM model"))
  }

  @Test(
    "specifications read back",
    .enabled(if: OpenKIMSamples.areInstalled, "\(OpenKIMSamples.skipMessage)"))
  func specification() throws {
    let catalog = ProviderCatalog.analytic.adding(ExternalProviders.kinds)
    let provider = try catalog.provider("kim:model=\(OpenKIMSamples.copper)")
    #expect(provider.specification == "kim:model=\(OpenKIMSamples.copper)")
    let again = try catalog.provider(provider.specification)
    #expect(again.identity == provider.identity && again.files == provider.files)
    #expect(provider.identity.contains("KIM API 2.") && !provider.identity.contains("checksum"))
    #expect(provider.files.allSatisfy { $0.hasSuffix(".so") } && provider.files.count == 1)
    #expect(provider.quantities == [.energy, .forces, .stress])
    let unversioned = try catalog.provider("kim:model=\(OpenKIMSamples.twoLists)")
    #expect(unversioned.identity.contains("checksum"))
    #expect(try catalog.provider("kim:model=\(OpenKIMSamples.copper)+emt") is SumOfProviders)
  }
}
