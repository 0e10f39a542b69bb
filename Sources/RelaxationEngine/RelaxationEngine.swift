// SPDX-License-Identifier: MIT

// What a program that uses Relax imports: `import RelaxationEngine` brings the public names of all
// these modules. The module has none of its own.
@_exported import ExternalForces
@_exported import Files
@_exported import Forces
@_exported import Networks
@_exported import RelaxNumerics
@_exported import Relaxation
@_exported import Sampling
@_exported import Scoring
@_exported import StructureFiles
@_exported import Structures
@_exported import Training
