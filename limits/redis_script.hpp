/// What the Redis server runs for each question: rate.cpp once more, in Lua, for several counters at once.
///
/// All numbers are whole and below 2^53, so Lua's doubles are exact; that both come to the same is shown by the
/// conformance suite (testing/store_conformance.hpp). A counter expires when it owes nothing and is cold; under a clock
/// that is not the server's, a minute later.
///
/// KEYS: the counters. ARGV: the time in microseconds, or nothing for the server's own; then of each counter parts,
/// cost, capacity, wait_max_us and warm_up_us of its rate. Answer: of each counter debt, cost and warm_us as they
/// stood.
#pragma once

namespace souk::limits {

inline constexpr const char* kRedisScript = R"(
local now, spare_ms = tonumber(ARGV[1]), 60000
if not now then
  spare_ms = 1
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local function up(a, b) return math.floor((a + b - 1) / b) end
local answer, states, kept, refused = {}, {}, {}, false
for i, key in ipairs(KEYS) do
  local at = i * 5 - 3
  local parts, cost, capacity = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local wait_max, warm_up = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local most = math.max(capacity, warm_up > 0 and cost * 3 or cost) + wait_max * parts
  local ahead, part, warm = -1, 0, 0
  local stored = redis.call('GET', key)
  if stored then
    local paid_at, part_text, warm_text = string.match(stored, '^(%S+) (%S+) (%S+)$')
    ahead, part, warm = tonumber(paid_at) - now, tonumber(part_text), tonumber(warm_text)
    if ahead > math.floor(most / parts) then
      ahead, part = math.floor(most / parts), most % parts
      kept[i] = true
    end
  end
  local debt = ahead >= 0 and math.min(ahead * parts + part, most) or 0
  local warm_then, price = 0, cost
  if warm_up > 0 then
    warm_then = ahead < 0 and math.min(warm, warm_up) + ahead or warm - ahead
    warm_then = math.max(0, math.min(warm_then, warm_up))
    price = up(cost * math.floor(3072 * warm_up / (warm_up + 2 * warm_then)), 1024)
  end
  local after = debt + price
  local over = after - math.max(capacity, price)
  if over > 0 and up(over, parts) > wait_max then refused = true end
  local ahead_after = math.floor(after / parts)
  states[i] = {ahead_after, after % parts, warm_up > 0 and warm_then + ahead_after or 0, warm_up}
  if kept[i] then kept[i] = {ahead, part, warm, warm_up} end
  answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = debt, price, warm_then
end
for i, key in ipairs(KEYS) do
  local state = refused and kept[i] or not refused and states[i]
  if state then
    redis.call('SET', key, string.format('%.0f %.0f %.0f', now + state[1], state[2], state[3]),
               'PX', string.format('%.0f', up(state[1] + state[4], 1000) + spare_ms))
  end
end
return answer
)";

}  // namespace souk::limits
