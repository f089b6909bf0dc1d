-- Reads the journal after a place: all of it, or what the audience index names. All in one step, so that
-- trimming cannot come between. Its cost grows with what it returns.
--
-- KEYS[1] the stream, KEYS[2] the hash of the journal's state: see journal.redis.append.lua
-- KEYS[3] and further: the audience index of each audience asked for
-- ARGV[1] the epoch and
-- ARGV[2] the sequence number to read after
-- ARGV[3] entries, at most
-- ARGV[4] 'all' entries, or 'some': those addressed to the audiences
-- ARGV[5] of 'some': bytes of events after which no further one is returned, or 0 for no such bound
--
-- Returns { epoch, seq, gap, more, and for each entry its sequence number and its event as JSON ... }
--   more: entries within ARGV[3] that ARGV[5] left out
--   epoch '' where there is no journal; gap 'epoch' or 'trimmed', and then no entries, or '' where there is none

local stream, state = KEYS[1], KEYS[2]
local after, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local exclusive = '(' .. ARGV[2]

local stood = redis.call('HMGET', state, 'epoch', 'seq', 'trimmed')
local epoch, seq, trimmed = stood[1] or '', tonumber(stood[2] or 0), tonumber(stood[3] or 0)

-- Beyond the tail: the server was put back to an older state, so it is another life in all but name.
if ARGV[1] ~= epoch or after > seq then return { epoch, seq, 'epoch', 0 } end
local trimmed_gap = { epoch, seq, 'trimmed', 0 }
if after < trimmed then return trimmed_gap end

local answer = { epoch, seq, '', 0 }

if ARGV[4] == 'all' then
  local expected = after
  for _, entry in ipairs(redis.call('XRANGE', stream, exclusive .. '-0', '+', 'COUNT', limit)) do
    expected = expected + 1
    -- Entries that should be there are not: somebody else has removed them.
    if entry[1] ~= string.format('%d-0', expected) then return trimmed_gap end
    answer[#answer + 1] = expected
    answer[#answer + 1] = entry[2][4]
  end
  if expected < math.min(seq, after + limit) then return trimmed_gap end
  return answer
end

-- Each audience gives its first `limit`, so that a long history costs nothing.
local seqs, seen = {}, {}
for key = 3, #KEYS do
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[key], exclusive, '+inf', 'LIMIT', 0, limit)) do
    if not seen[member] then
      seen[member] = true
      seqs[#seqs + 1] = tonumber(member)
    end
  end
end
table.sort(seqs)
local count, bytes, size = math.min(#seqs, limit), tonumber(ARGV[5]), 0
for at = 1, count do
  if bytes > 0 and size >= bytes then
    answer[4] = count - at + 1
    break
  end
  local id = string.format('%d-0', seqs[at])
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if not entry then return trimmed_gap end
  size = size + #entry[2][4]
  answer[#answer + 1] = seqs[at]
  answer[#answer + 1] = entry[2][4]
end
return answer
