#include "libs/events/scripts.hpp"

namespace chatflow::events {

const redis::Script& postpone_script() {
    static const redis::Script script(R"lua(
        if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
        local time = redis.call('TIME')
        local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
        redis.call('ZADD', KEYS[2], due, ARGV[3])
        redis.call('HSET', KEYS[3], ARGV[3], ARGV[5])
        return 1)lua");
    return script;
}

const redis::Script& postpone_again_script() {
    static const redis::Script script(R"lua(
        local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if not held or tonumber(held) ~= tonumber(ARGV[2]) then return 0 end
        local time = redis.call('TIME')
        local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
        redis.call('ZADD', KEYS[1], due, ARGV[1])
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
        return 1)lua");
    return script;
}

const redis::Script& take_due_script() {
    static const redis::Script script(R"lua(
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
        local taken = {}
        for _, member in ipairs(due) do
            local failed = redis.call('HGET', KEYS[2], member)
            if failed then
                local lease = string.format('%.0f', now + ARGV[1])
                redis.call('ZADD', KEYS[1], lease, member)
                taken[#taken + 1] = member
                taken[#taken + 1] = lease
                taken[#taken + 1] = failed
            else
                redis.call('ZREM', KEYS[1], member)
            end
        end
        return taken)lua");
    return script;
}

const redis::Script& finish_retry_script() {
    static const redis::Script script(R"lua(
        local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if not held or tonumber(held) ~= tonumber(ARGV[2]) then return 0 end
        redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('HDEL', KEYS[2], ARGV[1])
        return 1)lua");
    return script;
}

const redis::Script& bury_script() {
    static const redis::Script script(R"lua(
        if ARGV[4] == '' then
            if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
        else
            local held = redis.call('ZSCORE', KEYS[2], ARGV[3])
            if not held or tonumber(held) ~= tonumber(ARGV[4]) then return 0 end
            redis.call('ZREM', KEYS[2], ARGV[3])
            redis.call('HDEL', KEYS[3], ARGV[3])
        end
        redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*',
                   'member', ARGV[3], 'failed', ARGV[6])
        return 1)lua");
    return script;
}

const redis::Script& redrive_script() {
    static const redis::Script script(R"lua(
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local entries = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', ARGV[1])
        for _, entry in ipairs(entries) do
            local fields = {}
            for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
            local failed = string.gsub(fields.failed, '"attempts":%d+', '"attempts":0', 1)
            redis.call('ZADD', KEYS[1], now, fields.member)
            redis.call('HSET', KEYS[2], fields.member, failed)
            redis.call('XDEL', KEYS[3], entry[1])
        end
        return #entries)lua");
    return script;
}

}  // namespace chatflow::events
