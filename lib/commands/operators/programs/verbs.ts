import { cancelProgram } from './cancel-program.js'
import { declareComponent } from './declare-component.js'
import { listComponents } from './list-components.js'
import { listPrograms } from './list-programs.js'
import { overrulePhase } from './overrule-phase.js'
import { pauseProgram } from './pause-program.js'
import { removeComponent } from './remove-component.js'
import { resumeProgram } from './resume-program.js'
import { retryPhase } from './retry-phase.js'
import { showProgram } from './show-program.js'
import { startProgram } from './start-program.js'

export const programVerbs = [
  startProgram,
  listPrograms,
  showProgram,
  pauseProgram,
  resumeProgram,
  cancelProgram,
  retryPhase,
  overrulePhase,
  declareComponent,
  listComponents,
  removeComponent,
]
