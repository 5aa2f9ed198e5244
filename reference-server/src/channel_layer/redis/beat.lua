-- Says that a process reads its queue.  Returns Redis' time in microseconds, or 0 if the process counts as dead.
-- KEYS: 1 registry of processes.  ARGV: 1 process, 2 seconds of silence after which a process is dead.
local time = redis.call('TIME')
local now = time[1] .. '.' .. string.format('%06d', time[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (tonumber(time[1]) - tonumber(ARGV[2])))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return time[1] * 1000000 + time[2]
