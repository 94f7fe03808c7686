-- get: read a value without a lease.
--   KEYS[1]  hash of one hot key, see lease.lua
-- Returns the value, or false when it is cold, or dirty because its holder vanished.
local hash = redis.call('HMGET', KEYS[1], 'v', 'u')
local ends = tonumber(hash[2])
if ends then
  local time = redis.call('TIME')
  if ends <= time[1] * 1000 + math.floor(time[2] / 1000) then
    return false
  end
end
return hash[1]
