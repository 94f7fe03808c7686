-- lease: take a key's lease and read its value.
--   KEYS[1]  hash of one hot key: v value, f fence, o owner, u end of the lease (ms on this server's clock)
--   ARGV[1]  owner: names the caller, so that a lease nobody waits for any more can be given back
--   ARGV[2]  lease ttl, ms
-- Returns {fence, value or false}, or {0, ms until the present lease ends} when another owner holds it.
-- A lease that ended without commit or release leaves a dirty value: it is forgotten.
-- The fence is the clock in µs, or one more than the last: it grows even when the server lost its data.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hash = redis.call('HMGET', KEYS[1], 'v', 'f', 'u')
local value, ends = hash[1], tonumber(hash[3])
if ends then
  if ends > now then
    return {0, ends - now}
  end
  redis.call('HDEL', KEYS[1], 'v')
  value = false
end
local fence = math.max((tonumber(hash[2]) or 0) + 1, time[1] * 1000000 + time[2])
redis.call('HSET', KEYS[1], 'f', string.format('%.0f', fence), 'o', ARGV[1],
  'u', string.format('%.0f', now + ARGV[2]))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {fence, value}
