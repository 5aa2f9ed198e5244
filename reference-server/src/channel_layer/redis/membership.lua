-- Leaves and joins groups, and renews memberships.  Returns the chats of which the process was no member, or false
-- if the process counts as dead.
-- KEYS: 1 registry of processes.
-- ARGV: 1 prefix, 2 process, 3 former process ('' if none), 4 lease, 5 group_expiry (seconds), 6 number of chats to
-- join, then the chats to join, then the chats to leave.
-- The score is so old that any sender's purge of group_expiry takes the member away once the lease is over
-- (INTEROP §2 iv): a process that was killed drops out of the sight of Django too.
-- A group's key of somebody else's making and of the wrong type is passed over: the chat is then heard here alone.
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return false end
local prefix, joins = ARGV[1], tonumber(ARGV[6])
local member = ARGV[2] .. 'rs.'
local former = ARGV[3] ~= '' and (ARGV[3] .. 'rs.')
local time = redis.call('TIME')
local score = (tonumber(time[1]) - ARGV[5] + ARGV[4]) .. '.' .. string.format('%06d', time[2])
-- A Redis whose memory is full takes nothing from a script, unless the script has begun to take away (as the sending
-- one does): a membership is little, and without it messages would be missed in silence.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(0')
local new = {}
for i = 7, #ARGV do
  local chat = ARGV[i]
  local group = prefix .. ':group:chat_' .. chat
  if i < 7 + joins then
    if former then redis.pcall('ZREM', group, former .. chat) end
    local added = redis.pcall('ZADD', group, score, member .. chat)
    if added == 1 then new[#new + 1] = chat end
    if type(added) == 'number' then redis.call('EXPIRE', group, ARGV[5]) end
  else
    redis.pcall('ZREM', group, member .. chat)
  end
end
return new
