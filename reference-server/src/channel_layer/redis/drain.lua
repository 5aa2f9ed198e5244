-- Takes entries out of a queue, as many as are worth one reply: member, score, member, score, …
-- KEYS: 1 queue.  ARGV: 1 entries at most, 2 bytes after which it is enough.
local popped, bytes = {}, 0
while #popped < ARGV[1] * 2 and bytes < tonumber(ARGV[2]) do
  local entry = redis.call('ZPOPMIN', KEYS[1])
  if not entry[1] then break end
  bytes = bytes + #entry[1]
  popped[#popped + 1] = entry[1]
  popped[#popped + 1] = entry[2]
end
return popped
