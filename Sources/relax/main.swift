// SPDX-License-Identifier: MIT

import RelaxCommandLine

RelaxCommand.main(adding: [])
