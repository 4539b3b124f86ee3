import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createMigration,
  init,
  type LDClient,
  LDConcurrentExecution,
  type LDMigration,
  type LDMigrationOptions,
  LDMigrationStage,
} from '@launchdarkly/node-server-sdk'
import { TestData } from '@launchdarkly/node-server-sdk/integrations'
import { STAGES, type Stage } from '../../../lib/core/stage.js'

/** LaunchDarkly's client with one migration flag a stage, from memory; its events go to a server that throws them away. */
export interface LaunchDarkly {
  migration<In, Out>(calls: Calls<In, Out>): LDMigration<Out, Out, In, In>
  /** Sends the events off; what is queued beyond its 10,000 is dropped. */
  flush(): Promise<void>
  close(): Promise<void>
}

export type Calls<In, Out> = Omit<LDMigrationOptions<Out, Out, In, In>, 'execution'>

export async function launchDarkly(sendEvents: boolean): Promise<LaunchDarkly> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const data = new TestData()
  for (const stage of STAGES) await data.update(data.flag(stage).valueForAll(stage))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client: LDClient = init('sdk-key', {
    updateProcessor: data.getFactory(),
    sendEvents,
    diagnosticOptOut: true,
    eventsUri: url,
    logger: SILENT,
  })
  await client.waitForInitialization({ timeout: 5 })
  return {
    migration: (calls) => createMigration(client, { ...calls, execution: new LDConcurrentExecution() }),
    flush: async () => void (await client.flush()),
    async close() {
      client.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const LD_STAGES: { [stage in Stage]: LDMigrationStage } = {
  off: LDMigrationStage.Off,
  dualwrite: LDMigrationStage.DualWrite,
  shadow: LDMigrationStage.Shadow,
  live: LDMigrationStage.Live,
  rampdown: LDMigrationStage.RampDown,
  complete: LDMigrationStage.Complete,
}

const SILENT = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
