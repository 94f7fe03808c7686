-- commit: write a value and give the lease back.
--   KEYS[1]  hash of one hot key, see lease.lua
--   ARGV[1]  fence of the lease
--   ARGV[2]  value
--   ARGV[3]  ttl of the value, ms
-- Returns 1, or 0 with nothing written when the lease ended or was taken.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hash = redis.call('HMGET', KEYS[1], 'f', 'u')
local ends = tonumber(hash[2])
if hash[1] ~= ARGV[1] or not ends or ends <= now then
  return 0
end
redis.call('HSET', KEYS[1], 'v', ARGV[2])
redis.call('HDEL', KEYS[1], 'o', 'u')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
