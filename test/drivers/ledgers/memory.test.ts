import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { describeLedger } from '../../contract/ledger.js'

describeLedger('The memory ledger', async () => ({ ledger: memoryLedger() }))
