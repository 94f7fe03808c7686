-- put: write a value without a lease; the last writer wins.
--   KEYS[1]  hash of one hot key, see lease.lua
--   ARGV[1]  value
--   ARGV[2]  ttl of the value, ms
-- Returns 1. A lease that is held stays held; the mark of one that ended is wiped, for the value is fresh.
local time = redis.call('TIME')
local ends = tonumber(redis.call('HGET', KEYS[1], 'u'))
local left = 0
if ends then
  left = ends - (time[1] * 1000 + math.floor(time[2] / 1000))
  if left <= 0 then
    redis.call('HDEL', KEYS[1], 'o', 'u')
  end
end
redis.call('HSET', KEYS[1], 'v', ARGV[1])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(tonumber(ARGV[2]), left)))
return 1
