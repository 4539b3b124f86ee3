import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { describeDocumentStore } from '../../contract/documents.js'

describeDocumentStore('memory', async () => ({ store: memoryDocuments() }))
