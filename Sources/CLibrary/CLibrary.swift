// SPDX-License-Identifier: MIT
// The C library of the system under one name, so that no other file asks which it is: mathematics,
// threads, signals, descriptors.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif
