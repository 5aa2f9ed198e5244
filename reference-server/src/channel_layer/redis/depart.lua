-- Takes a process away with all it left in Redis; the last one takes the clock with it.
-- KEYS: 1 registry of processes, 2 clock.  ARGV: 1 prefix, 2 process, then its chats.
for i = 3, #ARGV do
  redis.pcall('ZREM', ARGV[1] .. ':group:chat_' .. ARGV[i], ARGV[2] .. 'rs.' .. ARGV[i])
end
redis.call('DEL', ARGV[1] .. ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) end
return 1
