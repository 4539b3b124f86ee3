import { cleanUp } from './clean-up.js'
import { closeLedger } from './close-ledger.js'
import { exportDocuments } from './export-documents.js'
import { restoreDocuments } from './restore-documents.js'

export const finishVerbs = [exportDocuments, restoreDocuments, cleanUp, closeLedger]
