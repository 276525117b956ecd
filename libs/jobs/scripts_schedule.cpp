// Job schedulers: a set of ids by the time of their next job, a hash of each.
#include "libs/jobs/scripts.hpp"

namespace chatflow::jobs {

const redis::Script& upsert_scheduler_script() {
    static const redis::Script script = script_of(R"lua(
        local now, id, at = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
        local hash = base .. 'repeat:' .. id
        local older = call('ZSCORE', base .. 'repeat', id)
        if older then
            local job = string.format('repeat:%s:%.0f', id, tonumber(older))
            if call('ZREM', base .. 'delayed', job) == 1 or call('LREM', base .. 'wait', 0, job) > 0
               or call('ZREM', base .. 'prioritized', job) == 1 then
                delete_job(base .. job)
                emit(base, 'removed', job, 'prev', 'delayed')
            end
        end
        local count = (tonumber(call('HGET', hash, 'ic') or 0) or 0) + 1
        call('DEL', hash)
        call('HSET', hash, 'name', ARGV[4], 'ic', count)
        local names = {'data', 'opts', false, 'every', 'pattern', 'tz', 'limit', 'endDate', 'offset'}
        for at_name, field in ipairs(names) do
            local value = ARGV[4 + at_name]
            if field and value ~= '' then call('HSET', hash, field, value) end
        end
        call('ZADD', base .. 'repeat', at, id)
        local job = string.format('repeat:%s:%.0f', id, at)
        if call('EXISTS', base .. job) == 1 then return job end
        call('INCR', base .. 'id')
        insert(job, ARGV[4], ARGV[5] ~= '' and ARGV[5] or '{}', ARGV[7], now, math.max(at - now, 0),
               0, false, {'rjk', id})
        return job)lua");
    return script;
}

const redis::Script& advance_scheduler_script() {
    static const redis::Script script = script_of(R"lua(
        local now, id, running, at = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
        local last = call('ZSCORE', base .. 'repeat', id)
        -- A job that runs again must not make another successor.
        if not last or running ~= string.format('repeat:%s:%.0f', id, tonumber(last)) then return '' end
        local hash = base .. 'repeat:' .. id
        local job = string.format('repeat:%s:%.0f', id, at)
        if call('EXISTS', base .. job) == 1 then return '' end
        call('ZADD', base .. 'repeat', at, id)
        call('HINCRBY', hash, 'ic', 1)
        call('INCR', base .. 'id')
        local made = call('HMGET', hash, 'name', 'data')
        insert(job, made[1] or '', made[2] or '{}', ARGV[5], now, math.max(at - now, 0), 0, false,
               {'rjk', id})
        return job)lua");
    return script;
}

const redis::Script& remove_scheduler_script() {
    static const redis::Script script = script_of(R"lua(
        local id = ARGV[1]
        local last = call('ZSCORE', base .. 'repeat', id)
        if not last then return 0 end
        local job = string.format('repeat:%s:%.0f', id, tonumber(last))
        if call('ZREM', base .. 'delayed', job) == 1 then
            delete_job(base .. job)
            emit(base, 'removed', job, 'prev', 'delayed')
        end
        call('ZREM', base .. 'repeat', id)
        call('DEL', base .. 'repeat:' .. id)
        return 1)lua");
    return script;
}

}  // namespace chatflow::jobs
