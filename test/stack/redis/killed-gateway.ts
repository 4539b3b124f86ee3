import { Redis } from '@upstash/redis'
import { startRedisGateway } from '../../../scripts/stack/redis/gateway.js'

/** A process to be killed: writes one value into the directory that it is given, says so, and stays. */
const [, , dataDir] = process.argv
if (dataDir === undefined) throw new Error('a directory is needed')
const { url, token } = await startRedisGateway({ backend: 'redis-server', dataDir })
await new Redis({ url, token }).set('last', 'written')
process.stdout.write('written\n')
