import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './content-fixtures.js'

/** Fixed, so that every instance of a server accepts the state that another has signed. Guards nothing. */
const codec = createRequestStateCodec<{ step: number }>({ key: 'the key of the conformance fixtures, known to all' })

/** For `extendOptions`: state that comes back changed is refused. */
export const conformanceOptions = { requestState: { verify: codec.verify } }

type Answer = CallToolResult | InputRequiredResult

const nameSchema = z.object({ name: z.string() })
const okSchema = z.object({ ok: z.boolean() })
const envelopeSchema = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({ sampling: z.object({}).optional(), elicitation: z.object({}).optional() }),
})
const askName = () => inputRequired.elicit({ message: 'What is your name?', requestedSchema: nameSchema })
const askConfirmation = () => inputRequired.elicit({ message: 'Please confirm', requestedSchema: okSchema })
const askModel = (question: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens: 100,
  })

/** Tools that need something of the client before they can answer. */
export function registerInputTools(server: McpServer): void {
  const tool = (name: string, run: (context: ServerContext) => Answer | Promise<Answer>) =>
    server.registerTool(
      name,
      { description: 'For the conformance suite', inputSchema: z.looseObject({}) },
      (_input, context) => run(context),
    )
  tool('test_input_required_result_elicitation', elicitation)
  tool('test_streaming_elicitation', elicitation)
  tool('test_input_required_result_sampling', sampling)
  tool('test_sampling', sampling)
  tool('test_missing_capability', sampling)
  tool('test_input_required_result_list_roots', ({ mcpReq }) => {
    const given = inputResponse(mcpReq.inputResponses, 'client_roots')
    if (given.kind === 'roots') return text(given.roots.map(({ uri }) => uri).join(', '))
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })
  tool('test_input_required_result_request_state', confirmation)
  tool('test_input_required_result_tampered_state', confirmation)
  tool('test_input_required_result_multiple_inputs', multipleInputs)
  tool('test_input_required_result_multi_round', multiRound)
  tool('test_input_required_result_capabilities', ({ mcpReq }) => {
    const { [CLIENT_CAPABILITIES_META_KEY]: capabilities } = envelopeSchema.parse(mcpReq.envelope)
    return inputRequired({
      inputRequests: {
        ...(capabilities.sampling === undefined ? {} : { question: askModel('Anything?') }),
        ...(capabilities.elicitation === undefined ? {} : { user_name: askName() }),
      },
    })
  })
}

function elicitation({ mcpReq }: ServerContext): Answer {
  const given = acceptedContent(mcpReq.inputResponses, 'user_name', nameSchema)
  return given === undefined
    ? inputRequired({ inputRequests: { user_name: askName() } })
    : text(`Hello, ${given.name}!`)
}

function sampling({ mcpReq }: ServerContext): Answer {
  const given = inputResponse(mcpReq.inputResponses, 'capital_question')
  if (given.kind === 'sampling') return text(JSON.stringify(given.result.content))
  return inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?') } })
}

async function confirmation({ mcpReq }: ServerContext): Promise<Answer> {
  const given = acceptedContent(mcpReq.inputResponses, 'confirm', okSchema)
  if (given !== undefined && mcpReq.requestState() !== undefined) return text('state-ok')
  return inputRequired({ inputRequests: { confirm: askConfirmation() }, requestState: await codec.mint({ step: 1 }) })
}

async function multipleInputs({ mcpReq }: ServerContext): Promise<Answer> {
  const keys = ['user_name', 'greeting', 'client_roots']
  if (keys.every((key) => inputResponse(mcpReq.inputResponses, key).kind !== 'missing')) return text('Thank you.')
  return inputRequired({
    inputRequests: {
      user_name: askName(),
      greeting: askModel('Generate a greeting'),
      client_roots: inputRequired.listRoots(),
    },
    requestState: await codec.mint({ step: 1 }),
  })
}

async function multiRound({ mcpReq }: ServerContext): Promise<Answer> {
  const { step } = mcpReq.requestState<{ step: number }>() ?? { step: 0 }
  if (step === 2 && acceptedContent(mcpReq.inputResponses, 'step2') !== undefined) return text('Both steps are done.')
  const next = step === 1 && acceptedContent(mcpReq.inputResponses, 'step1') !== undefined ? 2 : 1
  return inputRequired({
    inputRequests: { [`step${next}`]: askName() },
    requestState: await codec.mint({ step: next }),
  })
}
