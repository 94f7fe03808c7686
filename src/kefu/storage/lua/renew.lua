-- renew: put off the end of a lease.
--   KEYS[1]  hash of one hot key, see lease.lua
--   ARGV[1]  fence of the lease
--   ARGV[2]  lease ttl from now, ms
-- Returns 1, or 0 when the lease ended or was taken.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hash = redis.call('HMGET', KEYS[1], 'f', 'u')
local ends = tonumber(hash[2])
if hash[1] ~= ARGV[1] or not ends or ends <= now then
  return 0
end
redis.call('HSET', KEYS[1], 'u', string.format('%.0f', now + ARGV[2]))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
