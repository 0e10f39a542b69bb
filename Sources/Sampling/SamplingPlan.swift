// SPDX-License-Identifier: MIT

import Relaxation

/// Which frames are made of a structure.
public struct SamplingPlan: Hashable, Sendable {
  /// How it is relaxed; every step is a frame to choose from.
  public var relaxation = RelaxationSettings()
  /// Frames kept of the relaxation, first and last always among them; at least 2.
  public var pathFrames = 12
  /// Frames of the path of which a rattled copy is made.
  public var rattledFrames = 3
  /// Deviation of each component of a rattled free atom in Å: drawn for each frame.
  public var deviations = 0.02...0.25
  /// The first of this many structures, and so on, has molecular dynamics at its end; 0 for none.
  public var dynamicsInterval = 4
  /// Of the velocities that dynamics start with, in K.
  public var temperature = 900.0
  /// One step of molecular dynamics, in fs.
  public var timestep = 2.0
  /// Steps of molecular dynamics.
  public var dynamicsSteps = 100
  /// Steps from one frame of it to the next.
  public var dynamicsFrameInterval = 10
  /// Rattled and dynamic frames with a larger force component than this (eV/Å) are left out: they say
  /// more about the teacher's walls than about chemistry.
  public var largestForce = 50.0
  /// Decides everything that is drawn.
  public var seed: UInt64 = 0

  /// The plan by which the project's own miniature of OC20 was made.
  public init() {}
}
