/**
 * The scripts of the metrics in Redis. A bucket is a hash: a field for each series, its text as `packed.ts` makes it.
 * Numbers go out as text made by `%.0f` (counts) and `%.17g` (sums, peaks); Lua would shorten them.
 */

/**
 * KEYS: fine bucket, coarse bucket, totals, the writer's last number or ''.
 * ARGV: milliseconds to keep each of the two buckets and the number, number or '', when the fine bucket begins, most
 * series, the series for what is beyond; then for each measurement: series, text, text for the totals.
 * Answers 1, or 0 where the number was taken before.
 */
export const ADD = `
local function add(into, text, by, format)
  for name, value in string.gmatch(text, '([^ ' .. by .. ']+)' .. by .. '([^ ]+)') do
    local held = into.values[name]
    if not held then into.order[#into.order + 1] = name end
    if format == 'peak' then
      if not held or tonumber(value) > tonumber(held) then into.values[name] = value end
    elseif not held then
      into.values[name] = value
    else
      into.values[name] = string.format(format, tonumber(held) + tonumber(value))
    end
  end
end
local function joined(first, second, by, format)
  if second == '' then return first end
  if first == '' then return second end
  local into = {order = {}, values = {}}
  add(into, first, by, format)
  add(into, second, by, format)
  for at, name in ipairs(into.order) do into.order[at] = name .. by .. into.values[name] end
  return table.concat(into.order, ' ')
end
local pattern = '^(%d+) (%d+)|([^|]*)|([^|]*)|([^|]*)$'
local function merged(held, more)
  local count, errors, bins, sums, peaks = string.match(held, pattern)
  if not count then return more end
  local count2, errors2, bins2, sums2, peaks2 = string.match(more, pattern)
  return string.format('%.0f %.0f', tonumber(count) + tonumber(count2), tonumber(errors) + tonumber(errors2))
    .. '|' .. joined(bins, bins2, ':', '%.0f') .. '|' .. joined(sums, sums2, '=', '%.17g')
    .. '|' .. joined(peaks, peaks2, '=', 'peak')
end
if ARGV[4] ~= '' then
  local last = redis.call('GET', KEYS[4])
  if last and tonumber(last) >= tonumber(ARGV[4]) then return 0 end
  redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[3])
end
local most, overflow = tonumber(ARGV[6]), ARGV[7]
for bucket = 1, 3 do
  local key = KEYS[bucket]
  local room = most - redis.call('HLEN', key)
  for at = 8, #ARGV, 3 do
    local field, text = ARGV[at], ARGV[bucket == 3 and at + 2 or at + 1]
    local held = redis.call('HGET', key, field)
    if not held and room <= 0 then
      field = overflow
      held = redis.call('HGET', key, field)
    elseif not held then
      room = room - 1
    end
    if held then text = merged(held, text) end
    redis.call('HSET', key, field, text)
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('HSETNX', KEYS[3], 'since', ARGV[5])
return 1
`

/**
 * ARGV: what begins the keys of buckets, first bucket, width, how many, most bytes, component or '', whole series or '',
 * and of fine buckets what begins the keys of coarse ones, and their width: where there is no coarse one, none of the
 * fine ones in it is looked for.
 * Answers {how many were looked at, {bucket, series, text, series, text, ...}, ...}.
 */
export const READ = `
local prefix, first, width, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local bytes, component, series = tonumber(ARGV[5]), ARGV[6], ARGV[7]
local around, wide = ARGV[8], tonumber(ARGV[9])
local answer, number, checked = {count}, 0, nil
while number < count do
  local at = first + number * width
  local within = at - at % wide
  local name = string.format('%.0f', at)
  local found = {name}
  if around ~= '' and within ~= checked and redis.call('EXISTS', around .. string.format('%.0f', within)) == 0 then
    number = (within + wide - first) / width
  else
    checked = within
    number = number + 1
    if series ~= '' then
      local text = redis.call('HGET', prefix .. name, series)
      if text then
        found[2] = series
        found[3] = text
      end
    else
      local all = redis.call('HGETALL', prefix .. name)
      for part = 1, #all, 2 do
        if component == '' or string.sub(all[part], 1, #component) == component then
          found[#found + 1] = all[part]
          found[#found + 1] = all[part + 1]
        end
      end
    end
  end
  if #found > 1 then
    for _, text in ipairs(found) do bytes = bytes - #text end
    answer[#answer + 1] = found
    if bytes < 0 then
      answer[1] = number
      break
    end
  end
end
return answer
`

/** KEYS: totals. Answers {field, text, ...}. A script, because a plain read may be answered by a replica that lags. */
export const TOTALS = `
return redis.call('HGETALL', KEYS[1])
`
