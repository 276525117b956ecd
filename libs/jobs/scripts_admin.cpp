// What is said about jobs while they run, and what operators do with queues.
#include "libs/jobs/scripts.hpp"

namespace chatflow::jobs {

const redis::Script& progress_script() {
    static const redis::Script script = script_of(R"lua(
        if call('EXISTS', base .. ARGV[1]) == 0 then return 0 end
        call('HSET', base .. ARGV[1], 'progress', ARGV[2])
        call('XADD', base .. 'events', 'MAXLEN', '~', events_max(base), '*', 'event', 'progress',
             'jobId', ARGV[1], 'data', ARGV[2])
        return 1)lua");
    return script;
}

const redis::Script& log_script() {
    static const redis::Script script = script_of(R"lua(
        if call('EXISTS', base .. ARGV[1]) == 0 then return -1 end
        local lines = base .. ARGV[1] .. ':logs'
        local count = call('RPUSH', lines, ARGV[2])
        if ARGV[3] ~= '0' then call('LTRIM', lines, -tonumber(ARGV[3]), -1) end
        return count)lua");
    return script;
}

const redis::Script& redrive_script() {
    static const redis::Script script = script_of(R"lua(
        local ids = {ARGV[3]}
        if ARGV[3] == '' then ids = call('ZRANGE', base .. 'failed', 0, tonumber(ARGV[2]) - 1) end
        local count = 0
        for _, id in ipairs(ids) do
            local job = base .. id
            if call('ZREM', base .. 'failed', id) == 1 and call('EXISTS', job) == 1 then
                call('HDEL', job, 'failedReason', 'finishedOn', 'processedOn', 'stacktrace', 'atm',
                     'ats', 'stc', 'defa')
                enqueue(base, id, tonumber(call('HGET', job, 'priority') or 0) or 0, false)
                emit(base, 'waiting', id, 'prev', 'failed')
                count = count + 1
            end
        end
        return count)lua");
    return script;
}

const redis::Script& pause_script() {
    static const redis::Script script = script_of(R"lua(
        if ARGV[1] == '1' then
            if call('HSET', base .. 'meta', 'paused', 1) == 0 then return 0 end
            call('DEL', base .. 'marker')
            call('XADD', base .. 'events', '*', 'event', 'paused')
            return 1
        end
        if call('HDEL', base .. 'meta', 'paused') == 0 then return 0 end
        -- Where older versions keep the jobs of a paused queue.
        while call('RPOPLPUSH', base .. 'paused', base .. 'wait') do end
        if call('LLEN', base .. 'wait') > 0 or call('ZCARD', base .. 'prioritized') > 0 then
            mark(base)
        elseif next_delayed(base) > 0 then
            call('ZADD', base .. 'marker', next_delayed(base), '1')
        end
        call('XADD', base .. 'events', '*', 'event', 'resumed')
        return 1)lua");
    return script;
}

const redis::Script& remove_script() {
    static const redis::Script script = script_of(R"lua(
        local id = ARGV[1]
        local from
        for _, set in ipairs({'delayed', 'prioritized', 'waiting-children'}) do
            if call('ZREM', base .. set, id) == 1 then from = set end
        end
        for _, list in ipairs({'wait', 'paused'}) do
            if not from and call('LREM', base .. list, 0, id) > 0 then from = list end
        end
        if not from then return 0 end
        local deid = call('HGET', base .. id, 'deid')
        if deid then release_deduplication(deid, id) end
        delete_job(base .. id)
        emit(base, 'removed', id, 'prev', from == 'wait' and 'waiting' or from)
        return 1)lua");
    return script;
}

const redis::Script& state_script() {
    static const redis::Script script = script_of(R"lua(
        local oldest = 0
        local function look(id)
            local at = id and tonumber(call('HGET', base .. id, 'timestamp') or 0) or 0
            local delay = id and tonumber(call('HGET', base .. id, 'delay') or 0) or 0
            if at > 0 and (oldest == 0 or at + delay < oldest) then oldest = at + delay end
        end
        look(call('LINDEX', base .. 'wait', -1))
        look(call('ZRANGE', base .. 'prioritized', 0, 0)[1])
        return {call('LLEN', base .. 'wait'), call('LLEN', base .. 'active'),
                call('ZCARD', base .. 'delayed'), call('ZCARD', base .. 'prioritized'),
                call('ZCARD', base .. 'completed'), call('ZCARD', base .. 'failed'),
                call('ZCARD', base .. 'waiting-children'),
                call('HEXISTS', base .. 'meta', 'paused'), oldest})lua");
    return script;
}

}  // namespace chatflow::jobs
