/**
 * The scripts of the Redis ledger. Reads are scripts as well: a database with replicas may answer a plain read from
 * one that lags behind, but runs a script where writes run.
 *
 * A document is `<revision>\n<json>`. Numbers go out as text made by `%.0f`; Lua would write 1e15 in another way.
 */

/**
 * KEYS: counter, index, documents..., streams... (one for each entry).
 * ARGV: count of documents; for each: key, revision or '', 'set' or 'delete', text; for each entry: keep or '', text.
 * Answers {0, position of the first stale document} or {1, revision}. All conditions are checked before any write;
 * then only the counter's increment and XADD could fail, and the counter goes first.
 */
export const COMMIT = `
local documents = tonumber(ARGV[1])
for i = 1, documents do
  local head = redis.call('GETRANGE', KEYS[2 + i], 0, 19)
  local revision = string.match(head, '^(%d+)\\n') or (head ~= '' and 'unreadable' or '')
  if revision ~= ARGV[4 * i - 1] then return {0, i} end
end
local revision = string.format('%.0f', redis.call('INCR', KEYS[1]))
local entries = #KEYS - 2 - documents
for j = 1, entries do
  local stream, id = KEYS[2 + documents + j], revision .. '-' .. (j - 1)
  local keep, text = ARGV[4 * documents + 2 * j], ARGV[4 * documents + 2 * j + 1]
  if keep == '' then
    redis.call('XADD', stream, id, 'value', text)
  else
    redis.call('XADD', stream, 'MAXLEN', keep, id, 'value', text)
  end
end
for i = 1, documents do
  local key = ARGV[4 * i - 2]
  if ARGV[4 * i] == 'set' then
    redis.call('SET', KEYS[2 + i], revision .. '\\n' .. ARGV[4 * i + 1])
    redis.call('ZADD', KEYS[2], 0, key)
  else
    redis.call('DEL', KEYS[2 + i])
    redis.call('ZREM', KEYS[2], key)
  end
end
return {1, revision}
`

/** KEYS: counter. Answers the number of the latest commit. */
export const HEAD = `
return redis.call('GET', KEYS[1]) or '0'
`

/** KEYS: stream. ARGV: position. Drops the entries up to it; MINID keeps what it names. */
export const TRIM = `
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
`

/** KEYS: document. Answers its text, or nothing. */
export const READ = `
return redis.call('GET', KEYS[1])
`

/**
 * KEYS: index. ARGV: lower bound as ZRANGEBYLEX takes it, prefix, limit, most bytes, Redis key prefix of documents.
 * Answers {1 if nothing follows, key, text, key, text, ...}, or
 * {2, key} of a document that is missing. UTF-8 never has the byte 255.
 */
export const LIST = `
local limit, bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local keys = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '(' .. ARGV[2] .. '\\255', 'LIMIT', 0, limit + 1)
local answer = {#keys > limit and 0 or 1}
for i = 1, math.min(#keys, limit) do
  local text = redis.call('GET', ARGV[5] .. keys[i])
  if not text then return {2, keys[i]} end
  bytes = bytes - #text
  if bytes < 0 and i > 1 then
    answer[1] = 0
    break
  end
  answer[#answer + 1] = keys[i]
  answer[#answer + 1] = text
end
return answer
`

/**
 * KEYS: stream. ARGV: XRANGE or XREVRANGE, first bound, second bound, limit, most bytes.
 * Answers {1 if nothing follows, position, text, position, text, ...}.
 */
export const ENTRIES = `
local limit, bytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local rows = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'COUNT', limit + 1)
local answer = {#rows > limit and 0 or 1}
for i = 1, math.min(#rows, limit) do
  local text = rows[i][2][2]
  bytes = bytes - #text
  if bytes < 0 and i > 1 then
    answer[1] = 0
    break
  end
  answer[#answer + 1] = rows[i][1]
  answer[#answer + 1] = text
end
return answer
`

/**
 * KEYS: index. ARGV: most bytes in all, Redis key prefixes of documents and of streams; then for each look four:
 * 'read', key, '', '' or 'list', lower bound, prefix, limit or 'newest', stream, '', ''.
 * Answers for each {1, text} or {1} of a document; {1 if nothing follows, key, text, ...} of a list or a stream; {3}
 * where there was no room, and {2} where the index names a document that is missing.
 */
export const LOOK = `
local bytes, answer = tonumber(ARGV[1]), {}
for i = 4, #ARGV, 4 do
  local verb, found, size = ARGV[i], {1}, 0
  if verb == 'read' then
    local text = redis.call('GET', ARGV[2] .. ARGV[i + 1])
    if text then
      found[2] = text
      size = #text
    end
  elseif verb == 'newest' then
    local rows = redis.call('XREVRANGE', ARGV[3] .. ARGV[i + 1], '+', '-', 'COUNT', 2)
    if #rows > 1 then found[1] = 0 end
    if #rows > 0 then
      found[2] = rows[1][1]
      found[3] = rows[1][2][2]
      size = #found[3]
    end
  else
    local limit = tonumber(ARGV[i + 3])
    local bound = '(' .. ARGV[i + 2] .. '\\255'
    local keys = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[i + 1], bound, 'LIMIT', 0, limit + 1)
    if #keys > limit then found[1] = 0 end
    for j = 1, math.min(#keys, limit) do
      local text = redis.call('GET', ARGV[2] .. keys[j])
      if not text then
        found = {2}
        break
      end
      size = size + #text
      if size > bytes then break end
      found[#found + 1] = keys[j]
      found[#found + 1] = text
    end
  end
  if size > bytes then
    found = {3}
  else
    bytes = bytes - size
  end
  answer[#answer + 1] = found
end
return answer
`
