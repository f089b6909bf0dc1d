-- Presence of all nodes: keeps one node alive, takes what it has to tell, and forgets what dead nodes told.
--
-- KEYS[1] sorted set of the nodes: when each gave its last sign of life, in milliseconds since 1970
-- KEYS[2] hash: the number of sockets of each user over all nodes
-- KEYS[3] sorted set of the users online: when they came, in microseconds
-- KEYS[4] sorted set of users who left: when, in milliseconds
-- ARGV[1] what keys of a node begin with; each a hash: the number of sockets that each user has there
-- ARGV[2] this node
-- ARGV[3] 'join' a new node, 'stay' where it is known, or 'leave'
-- ARGV[4] milliseconds without a sign of life after which a node counts as dead
-- ARGV[5] users who left that are remembered, at most
-- ARGV[6] users of dead nodes to forget in this call, at most
-- then pairs: a user, and how many sockets they have on this node now
--
-- Returns { known, more }: known is 0 where this node counted as dead, and nothing of it was taken; more is 1
-- where another call would find more to forget.

local nodes, sockets, online, left = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local node_keys, me, lifetime = ARGV[1], ARGV[2], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local came = time[1] * 1000000 + time[2]

local function tell(node, user, count, at)
  local key = node_keys .. node
  local before = tonumber(redis.call('HGET', key, user) or 0)
  if count == before then return end
  if count > 0 then redis.call('HSET', key, user, count) else redis.call('HDEL', key, user) end
  if redis.call('HINCRBY', sockets, user, count - before) > 0 then
    -- Counted up, so that those who came in one call keep their order.
    came = came + 1
    redis.call('ZADD', online, 'NX', string.format('%d', came), user)
    redis.call('ZREM', left, user)
  else
    redis.call('HDEL', sockets, user)
    redis.call('ZREM', online, user)
    redis.call('ZADD', left, at, user)
  end
end

local sign = tonumber(redis.call('ZSCORE', nodes, me) or 0)
if ARGV[3] == 'stay' and sign < now - lifetime then return { 0, 0 } end
redis.call('ZADD', nodes, ARGV[3] == 'leave' and 0 or string.format('%d', now), me)

for at = 7, #ARGV, 2 do tell(me, ARGV[at], tonumber(ARGV[at + 1]), string.format('%d', now)) end

local budget = tonumber(ARGV[6])
if budget > 0 then
  local dead = redis.call('ZRANGEBYSCORE', nodes, '-inf', string.format('%d', now - lifetime), 'WITHSCORES')
  for at = 1, #dead, 2 do
    local node, died = dead[at], dead[at + 1]
    if died == '0' then died = string.format('%d', now) end
    while budget > 0 and redis.call('EXISTS', node_keys .. node) == 1 do
      -- Which of them is all the same: each call removes those that it was given.
      local users = redis.call('HRANDFIELD', node_keys .. node, math.min(budget, 100))
      for _, user in ipairs(users) do tell(node, user, 0, died) end
      budget = budget - #users
    end
    if budget <= 0 then break end
    redis.call('ZREM', nodes, node)
  end
end

local surplus = redis.call('ZCARD', left) - tonumber(ARGV[5])
if surplus > 0 then redis.call('ZPOPMIN', left, surplus) end
return { 1, budget <= 0 and tonumber(ARGV[6]) > 0 and 1 or 0 }
