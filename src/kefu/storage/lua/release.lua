-- release: give a lease back without writing.
--   KEYS[1]  hash of one hot key, see lease.lua
--   ARGV[1]  fence of the lease, or its owner where the caller left before it learnt the fence
-- Returns 1, or 0 when the lease ended (its value stays dirty) or was taken.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hash = redis.call('HMGET', KEYS[1], 'f', 'o', 'u')
local ends = tonumber(hash[3])
if (hash[1] ~= ARGV[1] and hash[2] ~= ARGV[1]) or not ends or ends <= now then
  return 0
end
redis.call('HDEL', KEYS[1], 'o', 'u')
return 1
