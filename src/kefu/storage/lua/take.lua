-- take: take tokens from a bucket.
--   KEYS[1]  hash of one bucket: t tokens, s stamp (seconds on this server's clock)
--   ARGV[1]  rate, tokens per second
--   ARGV[2]  burst, tokens of a full bucket
--   ARGV[3]  cost, tokens
-- Returns the seconds to wait as a string: '0' when the tokens were taken, 'inf' when they never come.
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost = math.min(tonumber(ARGV[3]), burst)
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local hash = redis.call('HMGET', KEYS[1], 't', 's')
local tokens = tonumber(hash[1]) or burst
local stamp = tonumber(hash[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - stamp) * rate)
local wait = '0'
if tokens >= cost then
  tokens = tokens - cost
elseif rate > 0 then
  wait = string.format('%.6f', (cost - tokens) / rate)
else
  wait = 'inf'
end
redis.call('HSET', KEYS[1], 't', string.format('%.6f', tokens), 's', string.format('%.6f', now))
if rate > 0 then
  -- A bucket that had time to fill up is the same as none.
  redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
end
return wait
