// SPDX-License-Identifier: MIT

import Files

/// What makes one DimeNet++ differ from another: the released constructor's arguments.
///
/// Defaults are the released ones; ``paper`` and ``large`` are the networks of the paper.
public struct DimeNetConfiguration: Hashable, Sendable {
  /// D, width of messages (`hidden_channels`).
  public var hiddenChannels = 128
  /// Number of blocks (`num_blocks`).
  public var blocks = 4
  /// Width of what is sent from edge to edge (`int_emb_size`).
  public var tripletChannels = 64
  /// Width between the two projections of a basis (`basis_emb_size`).
  public var basisChannels = 8
  /// Width of an atom's layers before its energy (`out_emb_channels`).
  public var outputChannels = 256
  /// Degrees of spherical functions, from 0 on (`num_spherical`).
  public var degrees = 7
  /// Radial functions (`num_radial`).
  public var radials = 6
  /// c, Å (`cutoff`).
  public var cutoff = 10.0
  /// How smoothly functions end at the cutoff (`envelope_exponent`).
  public var envelopeExponent = 5
  /// Residual layers before the skip connection (`num_before_skip`).
  public var layersBefore = 1
  /// Residual layers after it (`num_after_skip`).
  public var layersAfter = 2
  /// Layers of an atom before its energy (`num_output_layers`).
  public var outputLayers = 3
  /// Edges that an atom receives at most, the nearest ones (`max_neighbors`; the released code has
  /// no such argument, and always 50).
  public var maximumNeighbors = 50
  /// Whether angles count in the gradient (`angles`; the released code has no such argument, and
  /// always leaves them out).
  public var angles = Angles.released

  /// The released defaults.
  public init() {}

  /// Whether angles count in the gradient of the energy.
  public enum Angles: String, CaseIterable, Hashable, Sendable {
    /// They are constants, as in the released code: forces are not the gradient of the energy.
    case released
    /// They count.
    case full
  }

  /// The paper's DimeNet++: 192 wide, 3 blocks.
  public static let paper: DimeNetConfiguration = {
    var configuration = DimeNetConfiguration()
    configuration.hiddenChannels = 192
    configuration.outputChannels = 192
    configuration.blocks = 3
    configuration.cutoff = 6
    return configuration
  }()

  /// The paper's larger one: 512 wide.
  public static let large: DimeNetConfiguration = {
    var configuration = DimeNetConfiguration.paper
    configuration.hiddenChannels = 512
    configuration.outputChannels = 384
    return configuration
  }()
}

extension DimeNetConfiguration: NetworkConfiguration {
  static let name = "dimenetplusplus"

  mutating func read(_ attributes: JSONText) throws(ModelFileError) {
    var reader = try AttributeReader(
      attributes, network: Self.name, ignored: AttributeReader.unusedByEnergyNetworks)
    try reader.requirePeriodicity()
    try reader.read("hidden_channels", Limits.widths, into: &hiddenChannels)
    try reader.read("num_blocks", Limits.blocks, into: &blocks)
    try reader.read("int_emb_size", Limits.widths, into: &tripletChannels)
    try reader.read("basis_emb_size", Limits.widths, into: &basisChannels)
    try reader.read("out_emb_channels", Limits.widths, into: &outputChannels)
    try reader.read("num_spherical", 1...Limits.sphericalDegrees, into: &degrees)
    try reader.read("num_radial", 1...Limits.radials, into: &radials)
    try reader.readLength("cutoff", Limits.cutoffs, into: &cutoff)
    try reader.read("envelope_exponent", 1...Limits.exponents, into: &envelopeExponent)
    try reader.read("num_before_skip", Limits.depths, into: &layersBefore)
    try reader.read("num_after_skip", Limits.depths, into: &layersAfter)
    try reader.read("num_output_layers", Limits.depths, into: &outputLayers)
    try reader.read("max_neighbors", Limits.neighbors, into: &maximumNeighbors)
    try reader.read("angles", into: &angles)
    try reader.finish()
  }

  var attributes: JSONText {
    [
      "hidden_channels": .integer(hiddenChannels), "num_blocks": .integer(blocks),
      "int_emb_size": .integer(tripletChannels), "basis_emb_size": .integer(basisChannels),
      "out_emb_channels": .integer(outputChannels), "num_spherical": .integer(degrees),
      "num_radial": .integer(radials), "cutoff": .number(cutoff),
      "envelope_exponent": .integer(envelopeExponent), "num_before_skip": .integer(layersBefore),
      "num_after_skip": .integer(layersAfter), "num_output_layers": .integer(outputLayers),
      "max_neighbors": .integer(maximumNeighbors), "angles": .string(angles.rawValue),
    ]
  }
}
