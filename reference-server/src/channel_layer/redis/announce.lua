-- Puts one private entry into the queue of every other process of this server.
-- KEYS: 1 registry of processes.  ARGV: 1 prefix, 2 process, 3 expiry (seconds), 4 the entry.
local time = redis.call('TIME')
local now = time[1] .. '.' .. string.format('%06d', time[2])
-- So that a full Redis takes the entry too; see membership.lua.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(0')
local told = 0
for _, process in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if process ~= ARGV[2] then
    local queue = ARGV[1] .. process
    redis.call('ZADD', queue, now, ARGV[4])
    redis.call('EXPIRE', queue, ARGV[3])
    told = told + 1
  end
end
return told
