-- Sends a batch of messages to the groups of their chats, in one order for everybody.
--
-- KEYS: 1 registry of processes, 2 clock.
-- ARGV: 1 prefix, 2 the sending process, 3 four bytes of its own, 4 expiry, 5 group_expiry (seconds),
--       6 capacity of a Django queue, 7 capacity of a queue of ours, 8 seconds of silence after which a process
--       with a full queue is given up, 9 how messages come (`msgpack`, `json` or `sealed`); then for every message:
--       chat, ticket (8 bytes), and
--       in the clear: the body, a map to which the routing key is appended here, for every queue its own (INTEROP
--         §1.4): msgpack whose header already counts it, or JSON without the closing brace;
--       sealed: the hash of the members it was composed for, the number of queues, then for each queue what its
--         channels begin with, and the body with its routing key, encrypted.
--
-- Returns {1 or 0: the sender counts as dead and nothing was done, entries dropped at full Django queues,
--          processes given up, then per message
--          1 = sent,
--          0 = held back: send it again later,
--          a list = composed for other members than there are: their hash, then they; send it again,
--          2 = behind such a message of its chat: send it again}.
-- A message that is not sent is stored nowhere, nor is any later message of its chat.

local registry, clock_key = KEYS[1], KEYS[2]
local prefix, sender, tag = ARGV[1], ARGV[2], ARGV[3]
local expiry, group_expiry = tonumber(ARGV[4]), tonumber(ARGV[5])
local capacity, own_capacity, silence = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local json, sealed = ARGV[9] == 'json', ARGV[9] == 'sealed'

if not redis.call('ZSCORE', registry, sender) then return {0, 0, 0} end

local time = redis.call('TIME')
local seconds = tonumber(time[1])
-- Strictly increasing over all processes, whatever Redis' own clock does: the order of the messages (PROC-4).
local clock = math.max(seconds * 1000000 + tonumber(time[2]), tonumber(redis.call('GET', clock_key) or 0))

-- A key of somebody else's making and of the wrong type costs its own entries, not everybody's batch.
local function lenient(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then return nil end
  return reply
end

local function msgpack_text(text)
  local length = #text
  if length < 32 then return string.char(160 + length) .. text end
  if length < 256 then return '\217' .. string.char(length) .. text end
  return '\218' .. struct.pack('>I2', length) .. text
end

local function routing_key(members)
  local parts, count = {}, #members
  if json then
    for i = 1, count do parts[i] = cjson.encode(members[i]) end
    return ', "__asgi_channel__": [' .. table.concat(parts, ', ') .. ']}'
  end
  for i = 1, count do parts[i] = msgpack_text(members[i]) end
  local header = count < 16 and string.char(144 + count)
    or count < 65536 and ('\220' .. struct.pack('>I2', count))
    or ('\221' .. struct.pack('>I4', count))
  return '\176__asgi_channel__' .. header .. table.concat(parts)
end

-- The queues, each with its state within this call: depth, and how many more it takes before a pause.
local queues = {}

local function queue_named(key, process)
  local queue = queues[key]
  if queue then return queue end
  queue = {key = key, process = process}
  queues[key] = queue
  if process then
    local beat = redis.call('ZSCORE', registry, process)
    if not beat then
      queue.dead = true
    else
      queue.silent = seconds - tonumber(beat) > silence
    end
  else
    lenient('ZREMRANGEBYSCORE', key, 0, seconds - expiry)
  end
  queue.depth = lenient('ZCARD', key)
  if not queue.depth then
    queue.broken, queue.depth = true, 0
  end
  -- A Django process drains some hundred entries a second and refuses the newest beyond its capacity: a burst
  -- fills the half of it, then goes on at the pace of its reader.
  queue.quota = math.max(1, math.floor(capacity / 2) - queue.depth)
  return queue
end

local groups = {}

-- The queues behind a group, each with the routing key of its members; the sender's own is left out.
local function routes_of(chat)
  local routes = groups[chat]
  if routes then return routes end
  routes = {}
  local group, by_key, members = prefix .. ':group:chat_' .. chat, {}, {}
  lenient('ZREMRANGEBYSCORE', group, 0, seconds - group_expiry)
  for _, member in ipairs(lenient('ZRANGE', group, 0, -1) or {}) do
    local process = string.match(member, '^(specific%.%x+!)rs%.')
    if process ~= sender then
      local name = string.match(member, '^[^!]*!') or member
      local route = by_key[name]
      if not route then
        route = {name = name, queue = queue_named(prefix .. name, process), members = {}}
        by_key[name] = route
        routes[#routes + 1] = route
      end
      route.members[#route.members + 1] = member
      if route.queue.dead then redis.call('ZREM', group, member) else members[#members + 1] = member end
    end
  end
  if sealed then
    -- The order of a group is that of its renewals.
    table.sort(members)
    routes.hash = redis.sha1hex(table.concat(members, '\0'))
    table.insert(members, 1, routes.hash)
    routes.list = members
  else
    for _, route in ipairs(routes) do route.routing_key = routing_key(route.members) end
  end
  groups[chat] = routes
  return routes
end

local dropped, given_up, results, blocked = 0, 0, {1, 0, 0}, {}

-- Whether the message must wait for this queue.
local function holds_back(queue)
  if queue.dead or queue.broken then return false end
  if not queue.process then
    return queue.depth < capacity and queue.quota < 1
  end
  if queue.depth < own_capacity then return false end
  if not queue.silent then return true end
  -- Full, and nobody reads it: the process was killed or hangs, and the others go on (PROC-7).
  queue.dead = true
  given_up = given_up + 1
  redis.call('ZREM', registry, queue.process)
  redis.call('DEL', queue.key)
  return false
end

local own_queue = prefix .. sender
local touched = {[own_queue] = true}

-- The message at this place of ARGV, and where the next one is: what is to follow the head of its entries, by queue.
local function message_at(i)
  local message = {chat = ARGV[i], ticket = ARGV[i + 1]}
  if not sealed then
    message.body = ARGV[i + 2]
    return message, i + 3
  end
  message.hash, message.bodies = ARGV[i + 2], {}
  local first, count = i + 4, tonumber(ARGV[i + 3])
  for n = 0, count - 1 do message.bodies[ARGV[first + 2 * n]] = ARGV[first + 2 * n + 1] end
  return message, first + 2 * count
end

local i = 10
while i <= #ARGV do
  local message
  message, i = message_at(i)
  local chat = message.chat
  local routes = routes_of(chat)
  local result = blocked[chat]
  if not result and sealed and message.hash ~= routes.hash then
    result, blocked[chat] = routes.list, 2
  end
  if not result then
    for _, route in ipairs(routes) do
      if holds_back(route.queue) then
        result, blocked[chat] = 0, 0
        break
      end
    end
  end
  if result then
    results[#results + 1] = result
  else
    clock = clock + 1
    local score = string.format('%.0f', math.floor(clock / 1000000)) .. string.format('.%06d', clock % 1000000)
    -- Readers cut these twelve bytes unseen; equal scores, should a double ever make them, still go in order.
    local head = struct.pack('>I8', clock) .. tag
    for _, route in ipairs(routes) do
      local queue = route.queue
      if queue.dead then
        -- It is no member any more.
      elseif queue.broken or (not queue.process and queue.depth >= capacity)
        or (sealed and not message.bodies[route.name]) then
        dropped = dropped + 1
      else
        local body = sealed and message.bodies[route.name] or message.body .. route.routing_key
        redis.call('ZADD', queue.key, score, head .. body)
        queue.depth, queue.quota = queue.depth + 1, queue.quota - 1
        touched[queue.key] = true
      end
    end
    -- The sender keeps the message; its own entry tells only when it is due.
    redis.call('ZADD', own_queue, score, head .. '\193m' .. message.ticket)
    results[#results + 1] = 1
  end
end

for key in pairs(touched) do redis.call('EXPIRE', key, expiry) end
redis.call('SET', clock_key, string.format('%.0f', clock), 'EX', expiry)
results[2], results[3] = dropped, given_up
return results
