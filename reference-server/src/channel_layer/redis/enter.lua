-- Registers a process, as everywhere here by what its channels begin with, `specific.<32 hex>!`; one that takes
-- another's place ends that one.  Returns Redis' time in microseconds.
-- KEYS: 1 registry of processes.  ARGV: 1 prefix, 2 process, 3 former process ('' if none), 4 seconds the registry lives.
-- Whatever a former process still has under way when it is ended finds itself unregistered and does nothing.
if ARGV[3] ~= '' then
  redis.call('ZREM', KEYS[1], ARGV[3])
  redis.call('DEL', ARGV[1] .. ARGV[3])
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] .. '.' .. string.format('%06d', time[2]), ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return time[1] * 1000000 + time[2]
