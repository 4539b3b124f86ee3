import { type Mutant, without } from '../mutant.js'

const SCRIPTS = 'lib/drivers/stores/redis/scripts.ts'

const script = (guard: string, name: string, find: string, replace: string, ...more: Mutant['hunt']): Mutant =>
  without(guard, `Redis: ${name}`, SCRIPTS, [find, replace], ['contract', ...more])

const ADMIT = 'local refused = admit()\nif refused then return refused end\n'

/** The same guards in the scripts of the Redis target. */
export const REDIS_MUTANTS: readonly Mutant[] = [
  script('fence on begin', 'no script looks at a later fence', "  if f > e then return {'stale', raw} end\n", ''),
  script(
    'fence on begin',
    'begin does not look at a later fence',
    `${ADMIT}local known = redis.call('GET', KEYS[4])`,
    "admit()\nlocal known = redis.call('GET', KEYS[4])",
  ),
  script(
    'asked after an unanswered begin',
    'what is asked does not look at a later fence',
    `${ADMIT}local known = redis.call('GET', KEYS[2])`,
    "admit()\nlocal known = redis.call('GET', KEYS[2])",
  ),
  script(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a proof does not look at a later fence',
    `${ADMIT}local proved`,
    'admit()\nlocal proved',
  ),
  script(
    'fence on copies to the target, and on the copies of a pass (either alone is enough)',
    'copies do not look at a later fence',
    `${ADMIT}if ARGV[3]`,
    'admit()\nif ARGV[3]',
  ),
  script(
    'raise and mutate in one access',
    'what is asked of the target does not raise it',
    "    redis.call('SET', KEYS[1], ARGV[1] .. ':0:' .. ARGV[2])\n    held = '0'\n",
    '',
  ),
  script(
    'raise and mutate in one access',
    'a raise by another request keeps the hold',
    "    held = '0'\n  end\n  return nil",
    '  end\n  return nil',
  ),
  script(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a target without its fence numbers',
    "if not raw and ARGV[10] == '1' then return {'lost'} end\n",
    '',
  ),
  script(
    'operation memory',
    'a begin that comes twice is made twice',
    "  if op == ARGV[4] then return {'known', v} end\nend\nif held",
    'end\nif held',
  ),
  script(
    'operation memory',
    'operations are not remembered',
    "redis.call('SET', KEYS[4], w .. ' ' .. ARGV[4], 'PX', 2 * lateness)\n",
    '',
  ),
  script(
    'operation memory',
    'a begin may come as late as it likes',
    "if late > lateness then return {'expired'} end\n",
    '',
  ),
  script(
    'operation memory',
    'a begin may be made as early as it likes',
    "if late < -lateness then return {'early'} end\n",
    '',
  ),
  script(
    'names that may be older than the process',
    'a name used for another request is taken for a resend',
    "  if op == ARGV[4] then return {'known', v} end\n",
    "  do return {'known', v} end\n",
  ),
  script('hold and its length', 'the target numbers under a hold', "if held == '1' then return {'hold'} end\n", ''),
  script(
    'base compared where the number is given',
    'a bound write is not compared with its base',
    "  if not holds then return {'fail', stored, redis.call('GET', KEYS[2])} end\n",
    '',
  ),
  script(
    'shadow judges on the source; at most, not equal',
    'in shadow the base has to be there',
    "  if ARGV[9] == 'at-most' then holds = v <= base end\n",
    '',
  ),
  script(
    'shadow judges on the source; at most, not equal',
    'in live a write is let through at most at its base',
    'local holds = v == base',
    'local holds = v <= base',
  ),
  script(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'a base by another operation is taken for the base',
    "  if v == base and stored and ARGV[11] ~= '*' and stored_op ~= ARGV[11] then return {'loss'} end\n",
    '',
  ),
  {
    guard: 'operation memory before the condition',
    name: 'Redis: a hold comes before the operation memory',
    edits: [
      { file: SCRIPTS, find: "if held == '1' then return {'hold'} end\n", replace: '' },
      {
        file: SCRIPTS,
        find: "local known = redis.call('GET', KEYS[4])\n",
        replace: "if held == '1' then return {'hold'} end\nlocal known = redis.call('GET', KEYS[4])\n",
      },
    ],
    hunt: ['contract'],
  },
  script('epoch in the version', 'versions of all epochs are counted on', 'math.max(v + 1, e * 4294967296)', 'v + 1'),
  script(
    'tombstones',
    'what was deleted is forgotten',
    "  redis.call('SET', KEYS[3], w .. ':1:1:' .. ARGV[4])\n",
    "  redis.call('DEL', KEYS[3])\n",
  ),
  script(
    'open mark',
    'what the target numbers is not marked',
    "KEYS[3], w .. ':1:0:' .. ARGV[4], KEYS[2]",
    "KEYS[3], w .. ':0:0:' .. ARGV[4], KEYS[2]",
  ),
  script('open mark', 'what the target numbers is not listed as open', "redis.call('ZADD', KEYS[7], 0, ARGV[3])\n", ''),
  script(
    'version check at both stores',
    'the target takes an earlier version',
    '  if w > record.v then',
    '  if w ~= record.v then',
  ),
  script(
    'version check at both stores',
    'the target takes one version by two writes for one',
    'elseif w == record.v and record.op == op then',
    'elseif w == record.v then',
  ),
  script(
    'settle only for the same version and operation (either check alone is enough)',
    'settles whatever version is there',
    ' and v == tonumber(ARGV[at + 2]) and op',
    ' and op',
  ),
  script(
    'settle only for the same version and operation (either check alone is enough)',
    'settles whatever operation is there',
    ' and op == ARGV[at + 3] then',
    ' then',
  ),
  script(
    'asked after an unanswered begin',
    'a name used for another request is answered',
    "if op ~= ARGV[3] then return {'none'} end\n",
    '',
  ),
  script(
    'proof of lawful overtaking (only a target that lost data needs it)',
    'half a proof is enough',
    "redis.call('GET', KEYS[2]) == ARGV[3] and redis",
    "redis.call('GET', KEYS[2]) == ARGV[3] or redis",
  ),
  script(
    'raising only ever lifts a fence',
    'a target is lowered by a late raise',
    'if f < tonumber(ARGV[1]) and (',
    'if f ~= tonumber(ARGV[1]) and (',
  ),
  script(
    'raising only ever lifts a fence',
    'a target that has moved on is left behind all the same',
    " and (ARGV[4] == '' or f == tonumber(ARGV[4])) then",
    ' then',
  ),
  script(
    'raising only ever lifts a fence',
    'what is set in place lowers the target',
    "if raw and string.match(raw, '^(%d+):') == ARGV[1] then",
    'if raw then',
  ),
  script(
    'raising only ever lifts a fence',
    'the heartbeat goes back',
    'if was < tonumber(ARGV[1]) then redis',
    'if was ~= tonumber(ARGV[1]) then redis',
  ),
]
