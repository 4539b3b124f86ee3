/**
 * The scripts of the target store. Each is one atomic access, declares every key it touches, and begins with the fence:
 * a higher stored fence refuses, a lower one is raised in the same access. Numbers are doubles in Lua; versions stay
 * below 2^53 and are printed with `%.0f`.
 */

/** KEYS[1] fence, ARGV[1] epoch, ARGV[2] fence JSON. Sets `e` and `held`; `raw` is false where there was no fence. */
const FENCE = `
local raw = redis.call('GET', KEYS[1])
local e = tonumber(ARGV[1])
local held = '0'
local function admit()
  local f = -1
  if raw then
    local stored, hold = string.match(raw, '^(%d+):(%d):')
    f = tonumber(stored)
    held = hold
  end
  if f > e then return {'stale', raw} end
  if f < e then
    redis.call('SET', KEYS[1], ARGV[1] .. ':0:' .. ARGV[2])
    held = '0'
  end
  return nil
end
`

const META = `
local function meta_of(raw_meta)
  if not raw_meta then return 0, '', '0', '1' end
  local v, open, tomb, op = string.match(raw_meta, '^(%d+):(%d):(%d):(.*)$')
  return tonumber(v), op, open, tomb
end
`

/**
 * KEYS fence, value, meta, operation, index, tombstones, open
 * ARGV epoch, fence, id, op, startedAt, latenessMs, value ('' is a tombstone), base ('' is none), compare,
 * fenceExpected, operation of the base ('*' is not known)
 */
export const BEGIN = `${FENCE}${META}
if not raw and ARGV[10] == '1' then return {'lost'} end
local refused = admit()
if refused then return refused end
local known = redis.call('GET', KEYS[4])
if known then
  local v, op = string.match(known, '^(%d+) (.*)$')
  if op == ARGV[4] then return {'known', v} end
end
if held == '1' then return {'hold'} end
local time = redis.call('TIME')
local late = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[5])
local lateness = tonumber(ARGV[6])
if late > lateness then return {'expired'} end
if late < -lateness then return {'early'} end
if known then
  redis.call('PEXPIRE', KEYS[4], 2 * lateness)
  return {'reused'}
end
local stored = redis.call('GET', KEYS[3])
local v, stored_op, _, tomb = meta_of(stored)
if ARGV[8] ~= '' then
  local base = tonumber(ARGV[8])
  local holds = v == base
  if ARGV[9] == 'at-most' then holds = v <= base end
  if not holds then return {'fail', stored, redis.call('GET', KEYS[2])} end
  if v == base and stored and ARGV[11] ~= '*' and stored_op ~= ARGV[11] then return {'loss'} end
end
local w = string.format('%.0f', math.max(v + 1, e * 4294967296))
if ARGV[7] == '' then
  redis.call('SET', KEYS[3], w .. ':1:1:' .. ARGV[4])
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[5], ARGV[3])
  redis.call('ZADD', KEYS[6], 0, ARGV[3])
else
  redis.call('MSET', KEYS[3], w .. ':1:0:' .. ARGV[4], KEYS[2], ARGV[7])
  if tomb == '1' then
    redis.call('ZADD', KEYS[5], 0, ARGV[3])
    redis.call('ZREM', KEYS[6], ARGV[3])
  end
end
redis.call('ZADD', KEYS[7], 0, ARGV[3])
redis.call('SET', KEYS[4], w .. ' ' .. ARGV[4], 'PX', 2 * lateness)
return {'ok', w, tomb}
`

/**
 * KEYS fence, index, tombstones, open, heartbeat, then value and meta of each; ARGV epoch, fence, the mark's `from` and
 * `to` ('' without one), then meta and value of each, as they are to be kept. The id is what follows the index's name
 * in the value's key. Answers a letter for each, o (ok), s (same) or n (newer), then meta and value of the newer ones.
 *
 * Copies that are all new here, as most are in a back-fill, are written without a look at each. Else everything is
 * decided on tables first: one record may come several times, and each write of a sorted set costs.
 */
export const APPLY = `${FENCE}${META}
local count = 0
if ARGV[3] ~= '' then
  count = tonumber(redis.call('GET', KEYS[5]) or '0')
  if count < tonumber(ARGV[3]) then return {'set-back'} end
end
local refused = admit()
if refused then return refused end
if ARGV[3] ~= '' and count < tonumber(ARGV[4]) then redis.call('SET', KEYS[5], ARGV[4]) end
local metas, total = {}, (#KEYS - 5) / 2
for n = 1, total do metas[n] = KEYS[5 + n * 2] end
local stored = {}
if total > 0 then stored = redis.call('MGET', unpack(metas)) end
local id_from = #KEYS[2] + 2
local function move(ids, from, to)
  if #ids == 0 then return end
  local scored = {}
  for n = 1, #ids do
    scored[n * 2 - 1] = '0'
    scored[n * 2] = ids[n]
  end
  redis.call('ZADD', to, unpack(scored))
  if redis.call('EXISTS', from) == 1 then redis.call('ZREM', from, unpack(ids)) end
end
local writes, live, dead, settled = {}, {}, {}, {}
local fresh, seen = true, {}
for n = 1, total do
  if stored[n] or seen[metas[n]] or ARGV[4 + n * 2] == '' then
    fresh = false
    break
  end
  seen[metas[n]] = true
end
if fresh then
  for n = 1, total do
    local key, at = KEYS[4 + n * 2], n * 4
    writes[at - 3] = metas[n]
    writes[at - 2] = ARGV[3 + n * 2]
    writes[at - 1] = key
    writes[at] = ARGV[4 + n * 2]
    live[n] = string.sub(key, id_from)
  end
  if total > 0 then redis.call('MSET', unpack(writes)) end
  move(live, KEYS[3], KEYS[2])
  return {'done', string.rep('o', total)}
end
local out, kinds = {'done', ''}, {}
local records, order = {}, {}
for n = 1, total do
  local meta, value = ARGV[3 + n * 2], ARGV[4 + n * 2]
  local record = records[metas[n]]
  if not record and stored[n] == meta then
    kinds[n] = 's'
  else
    if not record then
      local v, op, open, tomb = meta_of(stored[n])
      record = {key = KEYS[4 + n * 2], meta_key = metas[n], meta = stored[n]}
      record.id = string.sub(record.key, id_from)
      record.v, record.op, record.open, record.tomb = v, op, open, tomb
      record.was_open, record.was_absent = open, tomb
      records[metas[n]] = record
      order[#order + 1] = record
    end
    local w, op, _, tomb = meta_of(meta)
    if w > record.v then
      record.v, record.op, record.open, record.value, record.tomb = w, op, '0', value, tomb
      record.meta = meta
      record.changed = true
      kinds[n] = 'o'
    elseif w == record.v and record.op == op then
      if record.open == '1' then
        record.open = '0'
        record.meta = string.match(meta, '^%d+') .. ':0:' .. record.tomb .. ':' .. op
        record.changed = true
      end
      kinds[n] = 's'
    else
      kinds[n] = 'n'
      out[#out + 1] = record.meta
      out[#out + 1] = record.value or redis.call('GET', record.key)
    end
  end
end
out[2] = table.concat(kinds)
for _, record in ipairs(order) do
  if record.changed then
    writes[#writes + 1] = record.meta_key
    writes[#writes + 1] = record.meta
    if record.was_open == '1' then settled[#settled + 1] = record.id end
  end
  if record.value == '' then
    redis.call('DEL', record.key)
    dead[#dead + 1] = record.id
  elseif record.value then
    writes[#writes + 1] = record.key
    writes[#writes + 1] = record.value
    if record.was_absent == '1' then live[#live + 1] = record.id end
  end
end
if #writes > 0 then redis.call('MSET', unpack(writes)) end
move(live, KEYS[3], KEYS[2])
move(dead, KEYS[2], KEYS[3])
if #settled > 0 then redis.call('ZREM', KEYS[4], unpack(settled)) end
return out
`

/** KEYS open, then meta of each; ARGV id, version, op of each. No fence: the source has answered for these versions. */
export const SETTLE = `${META}
local stored = redis.call('MGET', unpack(KEYS, 2))
local writes, settled = {}, {}
for n = 2, #KEYS do
  local at = (n - 2) * 3
  local v, op, open, tomb = meta_of(stored[n - 1])
  if open == '1' and v == tonumber(ARGV[at + 2]) and op == ARGV[at + 3] then
    writes[#writes + 1] = KEYS[n]
    writes[#writes + 1] = ARGV[at + 2] .. ':0:' .. tomb .. ':' .. op
    settled[#settled + 1] = ARGV[at + 1]
  end
end
if #settled > 0 then
  redis.call('MSET', unpack(writes))
  redis.call('ZREM', KEYS[1], unpack(settled))
end
return 'done'
`

/** KEYS fence, operation; ARGV epoch, fence, op. */
export const PROBE = `${FENCE}
local refused = admit()
if refused then return refused end
local known = redis.call('GET', KEYS[2])
if not known then return {'none'} end
local v, op = string.match(known, '^(%d+) (.*)$')
if op ~= ARGV[3] then return {'none'} end
return {'known', v}
`

/** KEYS fence, operation, operation; ARGV epoch, fence, then `version op` of each as they are remembered. */
export const PROVE = `${FENCE}
local refused = admit()
if refused then return refused end
local proved = redis.call('GET', KEYS[2]) == ARGV[3] and redis.call('GET', KEYS[3]) == ARGV[4]
return {proved and 'proved' or 'not-proved'}
`

/** KEYS fence; ARGV epoch, fence, hold (0 or 1), the epoch it must be raised from ('' any). Answers the stored fence. */
export const RAISE = `
local raw = redis.call('GET', KEYS[1])
local f = -1
if raw then f = tonumber(string.match(raw, '^(%d+):')) end
if f < tonumber(ARGV[1]) and (ARGV[4] == '' or f == tonumber(ARGV[4])) then
  raw = ARGV[1] .. ':' .. ARGV[3] .. ':' .. ARGV[2]
  redis.call('SET', KEYS[1], raw)
end
return raw
`

/** KEYS fence; ARGV epoch, fence, hold. Replaces a fence of the same epoch. Answers the stored fence. */
export const AMEND = `
local raw = redis.call('GET', KEYS[1])
if raw and string.match(raw, '^(%d+):') == ARGV[1] then
  raw = ARGV[1] .. ':' .. ARGV[3] .. ':' .. ARGV[2]
  redis.call('SET', KEYS[1], raw)
end
return raw
`

/** KEYS heartbeat; ARGV count. Answers the count that was there. */
export const BEAT = `
local was = tonumber(redis.call('GET', KEYS[1]) or '0')
if was < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return was
`

/** KEYS value, index; ARGV id, value ('' deletes), expected digest ('-' any, '' absent). */
export const PLAIN_WRITE = `
local held = redis.call('GET', KEYS[1])
local digest = held and redis.sha1hex(held) or ''
if ARGV[3] ~= '-' and digest ~= ARGV[3] then return {'conflict', held, digest} end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return {'ok', '', '0'}
end
redis.call('SET', KEYS[1], ARGV[2])
if not held then redis.call('ZADD', KEYS[2], 0, ARGV[1]) end
return {'ok', redis.sha1hex(ARGV[2]), held and '0' or '1'}
`

/** KEYS index, tombstones; then fence and open marks of each partition. */
export const GLANCE = `
local out = {redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2])}
for at = 3, #KEYS, 2 do
  out[#out + 1] = redis.call('GET', KEYS[at])
  out[#out + 1] = redis.call('ZCARD', KEYS[at + 1])
end
return out
`

/** MGET where writes go: a plain read of a database with replicas may be answered by one that lags behind. */
export const READ = `
local out = {}
for at = 1, #KEYS, 1000 do
  for _, value in ipairs({redis.call('MGET', unpack(KEYS, at, math.min(at + 999, #KEYS)))}) do
    for n = 1, #value do out[#out + 1] = value[n] end
  end
end
return out
`

/**
 * KEYS index, tombstones, fences; then for each stretch the values of its records, their metas, the metas of its
 * tombstones. ARGV number of fences; then for each stretch the bounds of its ids, how many records, how many tombstones;
 * then for each the digest of what it ought to hold (see `compare.ts`). Answers one digit a stretch, then the fences.
 * Nothing here is done record by record: Lua is slow, and everybody waits for a script.
 */
export const COMPARE = `
local fences = tonumber(ARGV[1])
local stretches = (#ARGV - 1) / 5
local key = 3 + fences
local function lines(out, list)
  if #list > 0 then out[#out + 1] = table.concat(list, '\\n') end
end
local function values(count)
  key = key + count
  if count == 0 then return {} end
  return redis.call('MGET', unpack(KEYS, key - count, key - 1))
end
local marks = {}
for n = 1, stretches do
  local at = n * 4 - 2
  local live, dead = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local ids = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[at], ARGV[at + 1], 'LIMIT', 0, live + 1)
  local gone = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[at], ARGV[at + 1], 'LIMIT', 0, dead + 1)
  marks[n] = '0'
  if #ids == live and #gone == dead then
    local held, metas, out = values(live), values(live + dead), {}
    local whole = pcall(function()
      lines(out, ids)
      lines(out, gone)
      if #metas > 0 then
        local text = table.concat(metas, '\\n')
        if string.find(text, ':1:[01]:') then
          text = string.sub(string.gsub('\\n' .. text, '(\\n%d+):1:', '%1:0:'), 2)
        end
        out[#out + 1] = text
      end
      lines(out, held)
    end)
    if whole and redis.sha1hex(table.concat(out, '\\n')) == ARGV[1 + 4 * stretches + n] then marks[n] = '1' end
  else
    key = key + 2 * live + dead
  end
end
return {table.concat(marks), unpack(redis.call('MGET', unpack(KEYS, 3, 2 + fences)))}
`
