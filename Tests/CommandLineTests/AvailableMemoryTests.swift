// SPDX-License-Identifier: MIT

import Testing

@testable import RelaxCommandLine

/// What `--memory-limit auto` makes of what systems say.
@Suite("The memory that a process may take")
struct AvailableMemoryTests {
  private func memory(
    _ files: [String: String] = [:], _ variables: [String: String] = [:], resident: Int = 0
  ) -> AvailableMemory {
    AvailableMemory(variable: { variables[$0] }, text: { files[$0] }, resident: resident)
  }

  @Test("nobody says anything")
  func nothing() { #expect(memory().bytes == nil) }

  @Test("nine tenths of what is free and of what the process has")
  func machine() {
    let text = "MemTotal:       32768 kB\nMemFree:  5 kB\nMemAvailable:    1000 kB\n"
    #expect(memory(["/proc/meminfo": text], resident: 976_000).bytes == 1_800_000)
    #expect(memory(["/proc/meminfo": "MemTotal: 5 kB\n"]).bytes == nil)
  }

  @Test("a control group of version 2 and all that it is within")
  func unified() {
    let group = "0::/system.slice/slurm/job_5/step_0\n"
    let files = [
      "/proc/self/cgroup": group,
      "/sys/fs/cgroup/system.slice/slurm/job_5/step_0/memory.max": "max\n",
      "/sys/fs/cgroup/system.slice/slurm/job_5/memory.max": "4294967296\n",
      "/sys/fs/cgroup/system.slice/memory.max": "8589934592\n",
    ]
    #expect(memory(files).bytes == 4_294_967_296)
    // In a container the root is the container's own.
    let container = ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "1000000\n"]
    #expect(memory(container).bytes == 1_000_000)
  }

  @Test("a control group of version 1, where no limit is a huge number")
  func separate() {
    let group = "12:cpu,cpuacct:/a\n5:memory:/slurm/uid_0/job_7\n1:name=systemd:/b\n0::/c\n"
    let folder = "/sys/fs/cgroup/memory/slurm/uid_0"
    let files = [
      "/proc/self/cgroup": group,
      folder + "/job_7/memory.limit_in_bytes": "2147483648\n",
      folder + "/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/cpu/a/memory.limit_in_bytes": "7\n",
    ]
    #expect(memory(files).bytes == 2_147_483_648)
  }

  @Test("Slurm's memory of a node, or of each processor")
  func slurm() {
    #expect(memory([:], ["SLURM_MEM_PER_NODE": "4000"]).bytes == 4000 << 20)
    #expect(
      memory([:], ["SLURM_MEM_PER_CPU": "500", "SLURM_CPUS_ON_NODE": "8"]).bytes == 4000 << 20)
    #expect(memory([:], ["SLURM_MEM_PER_CPU": "500"]).bytes == 500 << 20)
    for none in ["0", "", "-3", "all", "99999999999999999999"] {
      #expect(memory([:], ["SLURM_MEM_PER_NODE": none]).bytes == nil, "\(none)")
    }
  }

  @Test("the least that anybody allows")
  func least() {
    let files = [
      "/proc/self/cgroup": "0::/x\n", "/sys/fs/cgroup/x/memory.max": "3000000\n",
      "/proc/meminfo": "MemAvailable: 1000 kB\n",
    ]
    #expect(memory(files, ["SLURM_MEM_PER_NODE": "2"]).bytes == 921_600 / 10 * 10)
    #expect(memory(files, ["SLURM_MEM_PER_NODE": "1"], resident: 9_000_000).bytes == 1 << 20)
  }
}
