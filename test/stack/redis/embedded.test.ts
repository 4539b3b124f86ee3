import { gatewayClauses } from './gateway-clauses.js'

gatewayClauses('embedded')
