-- Appends to the journal: deduplication, sequence, entries, audience index, in one step. Appending to the
-- stream also wakes the followers that wait in XREAD. With no appends it only tells where the journal stands.
--
-- KEYS[1] the stream; entry <seq>-0 has the fields
--           h = "<epoch> <milliseconds since 1970> <JSON array of the audiences>", e = the event as JSON
-- KEYS[2] the hash of the journal's state: epoch, seq, trimmed
-- ARGV[1] what keys of the audience index begin with; each a sorted set of sequence numbers
-- ARGV[2] what keys of the deduplication begin with; each "<seq> <fingerprint>"
-- ARGV[3] the deduplication window in milliseconds
-- ARGV[4] a new epoch, for a journal that has none yet, or has lost entries
-- ARGV[5] the epoch and
-- ARGV[6] the highest sequence number in it that the caller has ever seen
-- ARGV[7] the number of appends; then for each of them the number of its events, and for each event:
--           deduplication id, fingerprint, JSON of the event, JSON array of the audiences
--
-- Returns { epoch, seq, result of each append ... }; a result is
--   { 1, n ... }: n is the sequence number of a new event, -n that of a duplicate
--   { 0, i ... }: the events (from 0) whose id stands for another content; nothing of that append was kept
--
-- Not for Redis Cluster: the keys of index and deduplication are not named in KEYS.

local stream, state = KEYS[1], KEYS[2]
local index, dedup, window = ARGV[1], ARGV[2], ARGV[3]

local stood = redis.call('HMGET', state, 'epoch', 'seq')
local epoch, seq = stood[1], tonumber(stood[2] or 0)

local lost = epoch and epoch == ARGV[5] and seq < tonumber(ARGV[6])
if lost or not epoch then
  -- Another life. What may still stand in the stream belongs to the one before: trimmed, in all but fact.
  if redis.call('EXISTS', stream) == 1 then
    local info = redis.call('XINFO', 'STREAM', stream)
    for field = 1, #info, 2 do
      if info[field] == 'last-generated-id' then
        seq = math.max(seq, tonumber(string.match(info[field + 1], '^%d+')))
      end
    end
  end
  epoch = ARGV[4]
  local at = string.format('%d', seq)
  redis.call('HSET', state, 'epoch', epoch, 'seq', at, 'trimmed', at)
end

local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local answer = { epoch, 0 }
local before = seq
local at = 8

for _ = 1, tonumber(ARGV[7]) do
  local first = at + 1
  local last = first + (tonumber(ARGV[at]) - 1) * 4
  at = last + 4

  -- Everything that can fail comes before the first write.
  local conflicts, seen, fingerprints, audiences = { 0 }, {}, {}, {}
  for event = first, last, 4 do
    local id, fingerprint = ARGV[event], ARGV[event + 1]
    audiences[event] = cjson.decode(ARGV[event + 3])
    if not fingerprints[id] then
      local known = redis.call('GET', dedup .. id)
      if known then
        local known_seq, known_fingerprint = string.match(known, '^(%d+) (.*)$')
        seen[id] = tonumber(known_seq)
        fingerprints[id] = known_fingerprint
      else
        fingerprints[id] = fingerprint
      end
    end
    if fingerprints[id] ~= fingerprint then conflicts[#conflicts + 1] = (event - first) / 4 end
  end

  if #conflicts > 1 then
    answer[#answer + 1] = conflicts
  else
    local result = { 1 }
    for event = first, last, 4 do
      local id = ARGV[event]
      if seen[id] then
        result[#result + 1] = -seen[id]
      else
        seq = seq + 1
        seen[id] = seq
        result[#result + 1] = seq
        local number = string.format('%d', seq)
        redis.call('XADD', stream, number .. '-0', 'h', epoch .. ' ' .. now .. ' ' .. ARGV[event + 3], 'e', ARGV[event + 2])
        redis.call('SET', dedup .. id, number .. ' ' .. ARGV[event + 1], 'PX', window)
        for _, audience in ipairs(audiences[event]) do
          redis.call('ZADD', index .. audience, number, number)
        end
      end
    end
    answer[#answer + 1] = result
  end
end

if seq > before then redis.call('HSET', state, 'seq', string.format('%d', seq)) end
answer[2] = seq
return answer
