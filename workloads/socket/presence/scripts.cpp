#include "workloads/socket/presence/scripts.hpp"

namespace chatflow::socket {

const redis::Script& connect_script() {
    static const redis::Script script(R"lua(
        local dead = {}
        for i = 6, #ARGV do dead[ARGV[i]] = true end
        for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            if dead[string.match(member, '^([^/]*)/')] then
                redis.call('SREM', KEYS[1], member)
            end
        end
        if ARGV[2] ~= '' then redis.call('SREM', KEYS[1], ARGV[2]) end
        if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0
           and redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[3]) then
            return 0
        end
        redis.call('SADD', KEYS[1], ARGV[1])
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        if redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[4]) then
            redis.call('PUBLISH', 'user-events', ARGV[5])
        else
            redis.call('EXPIRE', KEYS[2], ARGV[4])
        end
        return 1)lua");
    return script;
}

const redis::Script& offline_script() {
    static const redis::Script script(R"lua(
        local dead = {}
        for i = 2, #ARGV do dead[ARGV[i]] = true end
        for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            if dead[string.match(member, '^([^/]*)/')] then
                redis.call('SREM', KEYS[1], member)
            end
        end
        if redis.call('SCARD', KEYS[1]) > 0 then return 0 end
        if redis.call('DEL', KEYS[2]) == 0 then return 0 end
        redis.call('PUBLISH', 'user-events', ARGV[1])
        return 1)lua");
    return script;
}

const redis::Script& beat_script() {
    static const redis::Script script(R"lua(
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
        local found = {before and tonumber(before) > now and 1 or 0}
        for _, pod in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
            found[#found + 1] = pod
        end
        return found)lua");
    return script;
}

const redis::Script& take_due_script() {
    static const redis::Script script(R"lua(
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
        if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end
        return due)lua");
    return script;
}

}  // namespace chatflow::socket
