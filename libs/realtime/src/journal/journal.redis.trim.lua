-- Trims one batch of the journal: entries that retention no longer keeps, oldest first, with their part of
-- the audience index (Redis deletes a sorted set with its last member). Every node may call it at any time.
--
-- KEYS[1] the stream, KEYS[2] the hash of the journal's state: see journal.redis.append.lua
-- ARGV[1] what keys of the audience index begin with
-- ARGV[2] now, in milliseconds since 1970; empty for the server's own clock
-- ARGV[3] milliseconds that an entry is kept
-- ARGV[4] entries that are kept
-- ARGV[5] entries to look at in this call
--
-- Returns 1 where another call may find more to trim, else 0.

local stream, state, index = KEYS[1], KEYS[2], ARGV[1]
local batch = tonumber(ARGV[5])
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local oldest = now - tonumber(ARGV[3])

local stood = redis.call('HMGET', state, 'seq', 'trimmed')
local trimmed = tonumber(stood[2] or 0)
local up_to = math.max(tonumber(stood[1] or 0) - tonumber(ARGV[4]), trimmed)

local last = 0
local addressed = {}
local entries = redis.call('XRANGE', stream, '-', '+', 'COUNT', batch)
for _, entry in ipairs(entries) do
  local seq = tonumber(string.match(entry[1], '^%d+'))
  local at, audiences = string.match(entry[2][2], '^%w+ (%d+) (.*)$')
  if seq > up_to and tonumber(at) >= oldest then break end
  for _, audience in ipairs(cjson.decode(audiences)) do addressed[audience] = true end
  last = seq
end
if last == 0 then return 0 end

local number = string.format('%d', last)
for audience in pairs(addressed) do redis.call('ZREMRANGEBYSCORE', index .. audience, '-inf', number) end
redis.call('XTRIM', stream, 'MINID', string.format('%d', last + 1))
if last > trimmed then redis.call('HSET', state, 'trimmed', number) end
return #entries == batch and 1 or 0
