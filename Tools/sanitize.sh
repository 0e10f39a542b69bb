#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs tests under a sanitizer: sanitize.sh address|thread [FILTER]. Without FILTER those where memory
# is handled by hand, or where threads work together. Optimised: at -O0 the numeric suites take ten times
# as long.
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in
address)
  # Kernels and their callers; readers of all that comes from outside; shortcuts over scratch memory.
  filter='RelaxNumericsTests|FilesTests|StructuresTests|EngineTests|RunOutput|RunDamage'
  filter="$filter|NetworkShortcutTests|NetworkProviderTests|EnergyNetworkTests|DamagedModelFile"
  filter="$filter|Checkpoint|PickleMachine|ReleasedEnergyTrainingTests|Dispersion|ASEProviderTests|IPI"
  ;;
thread)
  # Whatever shares work between threads: runs, networks, training, evaluation, sampling.
  filter='Threads|EngineTests|KeptEvaluations|InnerResume|MemoryBudget|FilesTests.LockTests|ExternalForcesTests|FreeAtomsTests|NetworkShortcutTests|NetworkProviderTests'
  filter="$filter|NetworkGradientsUseTests|TrainingRunTests|ReleasedEnergyTrainingTests"
  filter="$filter|ScoringTests.EvaluationTests|SamplingTests"
  ;;
*)
  echo "sanitize.sh: which one? address or thread" >&2
  exit 64
  ;;
esac
filter=${2:-$filter}
# A finding ends the run: status 66 with its report. BLAS stays out of it: its own threads are not ours.
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/Tools/thread-sanitizer.txt"
export OPENBLAS_NUM_THREADS=1
options="-c release -Xswiftc -enable-testing --sanitize=$1 --scratch-path .build-$1"
# shellcheck disable=SC2086
swift build $options --build-tests
# Commands are processes of their own; their tests limit memory, of which a sanitizer takes all there is.
# shellcheck disable=SC2086
swift test $options --skip-build --filter "$filter" --skip CommandLineTests
