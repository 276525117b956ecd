// Fetching and finishing. Each redis.call costs Redis about a microsecond: what a worker knows
// already comes as an argument, and what belongs to a batch is done once.
#include "libs/jobs/scripts.hpp"

namespace chatflow::jobs {

const redis::Script& work_script() {
    static const redis::Script script = script_of(R"lua(
        local now, lock_ms, token, name = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
        local wanted, codes, jobs = tonumber(ARGV[5]), {}, {}
        local unstalled, kept, ended, locks, children = {}, {}, {}, {}, {}
        local some_have_children = false

        local function prune(set, count, age)
            local old = {}
            if age ~= '' then
                local before = now - tonumber(age) * 1000
                old = call('ZRANGEBYSCORE', base .. set, '-inf', before, 'LIMIT', 0, 1000)
                remove_jobs(base, set, old)
            end
            if count ~= '' then
                old = call('ZREVRANGE', base .. set, tonumber(count), tonumber(count) + 999)
                remove_jobs(base, set, old)
            end
        end

        -- The final state of a job, completed or failed.
        local function finish(set, field, id, value, stack, atm, count, age, parent, deid, mode, pid)
            local job = base .. id
            if deid ~= '' then release_deduplication(deid, id) end
            if parent ~= '' then tell_parent(now, parent, pid, job, set, value, mode) end
            if count == '0' then
                delete_job(job)
            else
                if stack == '' then
                    call('HSET', job, field, value, 'finishedOn', now, 'atm', atm)
                else
                    call('HSET', job, field, value, 'finishedOn', now, 'atm', atm, 'stacktrace', stack)
                end
                if set == 'failed' then call('HDEL', job, 'defa') end
                local members = ended[set] or {}
                members[#members + 1] = now
                members[#members + 1] = id
                ended[set] = members
                if count ~= '' or age ~= '' then kept[set] = {count, age} end
            end
            if set == 'failed' then
                emit(base, 'failed', id, 'failedReason', value, 'prev', 'active')
                emit(base, 'retries-exhausted', id, 'attemptsMade', atm)
            else
                emit(base, 'completed', id, 'returnvalue', value, 'prev', 'active')
            end
        end

        local function settle(owner, kind, id, held_by, value, stack, atm, count, age, parent, deid,
                              due, mode, pid)
            local job = base .. id
            if owner ~= held_by then
                if call('EXISTS', job) == 0 then return -1 end
                return owner and -6 or -2
            end
            if kind == 'c' and some_have_children and parent_of_many(job) then return -4 end
            unstalled[#unstalled + 1] = id
            if call('LREM', base .. 'active', -1, id) == 0 then return -3 end
            if kind == 'c' then
                finish('completed', 'returnvalue', id, value, stack, atm, count, age, parent, deid, mode, pid)
            elseif kind == 'f' then
                finish('failed', 'failedReason', id, value, stack, atm, count, age, parent, deid, mode, pid)
            elseif kind == 'd' then
                call('HSET', job, 'failedReason', value, 'stacktrace', stack, 'atm', atm, 'delay', due - now)
                delay_job(base, id, tonumber(due))
            elseif kind == 'l' then
                call('HSET', job, 'delay', math.max(due - now, 0))
                delay_job(base, id, tonumber(due))
            elseif kind == 'r' then
                call('HSET', job, 'failedReason', value, 'stacktrace', stack, 'atm', atm)
                enqueue(base, id, tonumber(due), mode == 'lifo')
                emit(base, 'waiting', id, 'prev', 'active')
            else
                if kind == 'p' then call('HINCRBY', job, 'ats', -1) end
                enqueue(base, id, tonumber(due), true)
                emit(base, 'waiting', id, 'prev', 'active')
            end
            return 0
        end

        local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration',
                          'opts.maxLenEvents')
        for at = 8, #ARGV, 13 do
            locks[#locks + 1] = base .. ARGV[at + 1] .. ':lock'
            children[#children + 1] = base .. ARGV[at + 1] .. ':dependencies'
        end
        local owners = #locks > 0 and call('MGET', unpack(locks))
        some_have_children = #children > 0 and call('EXISTS', unpack(children)) > 0
        for at = 8, #ARGV, 13 do
            codes[#codes + 1] = settle(owners[#codes + 1], unpack(ARGV, at, at + 12))
        end
        if #unstalled > 0 then
            for at = 1, #unstalled do locks[at] = base .. unstalled[at] .. ':lock' end
            call('DEL', unpack(locks, 1, #unstalled))
            call('SREM', base .. 'stalled', unpack(unstalled))
            call('XTRIM', base .. 'events', 'MAXLEN', '~', meta[5] or 10000)
        end
        for set, members in pairs(ended) do call('ZADD', base .. set, unpack(members)) end
        for set, limits in pairs(kept) do prune(set, limits[1], limits[2]) end

        if meta[1] then return {codes, jobs, 0, 0} end
        local due = next_delayed(base)
        if due > 0 and due <= now + 1 then
            promote_delayed(now)
            due = next_delayed(base)
        end

        local room = wanted
        if meta[2] then room = math.min(room, tonumber(meta[2]) - call('LLEN', base .. 'active')) end
        local limit = tonumber(ARGV[6]) or tonumber(meta[3])
        local limiter = base .. 'limiter'
        if limit and room > 0 then
            local used = tonumber(call('GET', limiter) or 0)
            if used >= limit then
                local left = call('PTTL', limiter)
                if left > 0 then return {codes, jobs, 0, left} end
                call('DEL', limiter)
                used = 0
            end
            room = math.min(room, limit - used)
        end

        local ids = {}
        if room > 0 then
            ids = call('RPOP', base .. 'wait', room) or {}
            if #ids < room then
                local first = call('ZPOPMIN', base .. 'prioritized', room - #ids)
                for at = 1, #first, 2 do ids[#ids + 1] = first[at] end
            end
        end
        local taken, counted = {}, 0
        for _, id in ipairs(ids) do
            local job = base .. id
            local hash = call('HGETALL', job)
            -- Nothing: a marker that older producers put among the jobs, or a job that was removed.
            if #hash > 0 then
                taken[#taken + 1] = id
                call('SET', job .. ':lock', token, 'PX', lock_ms)
                emit(base, 'active', id, 'prev', 'waiting')
                local started = 0
                for at = 1, #hash, 2 do
                    if hash[at] == 'ats' then started = tonumber(hash[at + 1]) or 0 end
                end
                if name == '' then call('HSET', job, 'processedOn', now, 'ats', started + 1)
                else call('HSET', job, 'processedOn', now, 'ats', started + 1, 'pb', name) end
                jobs[#jobs + 1] = id
                jobs[#jobs + 1] = hash
                counted = counted + 1
            end
        end
        if #taken > 0 then call('LPUSH', base .. 'active', unpack(taken)) end
        if limit and counted > 0 and call('INCRBY', limiter, counted) == counted then
            call('PEXPIRE', limiter, tonumber(ARGV[7]) or tonumber(meta[4]) or 1000)
        end
        if #ids > 0 or wanted == 0 or room <= 0 then
            -- More for others; not while the queue has all that may run at once, or they would
            -- wake each other for nothing. Who finishes one of those fetches the next.
            local is_full = meta[2] and call('LLEN', base .. 'active') >= tonumber(meta[2])
            if not is_full and (call('LLEN', base .. 'wait') > 0
                                or call('ZCARD', base .. 'prioritized') > 0) then
                call('ZADD', base .. 'marker', 0, '0')
            end
            return {codes, jobs, due, 0}
        end
        call('DEL', base .. 'pc')
        if #unstalled > 0 and call('LLEN', base .. 'active') == 0 then
            call('XADD', base .. 'events', '*', 'event', 'drained')
        end
        return {codes, jobs, due, 0})lua");
    return script;
}

const redis::Script& renew_script() {
    static const redis::Script script = script_of(R"lua(
        local lost, held = {}, {}
        for at = 2, #ARGV, 2 do
            local id, lock = ARGV[at], base .. ARGV[at] .. ':lock'
            if call('GET', lock) == ARGV[at + 1] then
                call('PEXPIRE', lock, ARGV[1])
                held[#held + 1] = id
            else
                lost[#lost + 1] = id
            end
        end
        for at = 1, #held, 1000 do
            call('SREM', base .. 'stalled', unpack(held, at, math.min(at + 999, #held)))
        end
        return lost)lua");
    return script;
}

const redis::Script& stalled_script() {
    static const redis::Script script = script_of(R"lua(
        if not call('SET', base .. 'stalled-check', ARGV[1], 'PX', ARGV[2], 'NX') then
            return {{}, {}}
        end
        local back, lost = {}, {}
        -- Who was in the set for a whole interval without renewing its lock has no worker.
        local suspects = call('SMEMBERS', base .. 'stalled')
        if #suspects > 0 then call('DEL', base .. 'stalled') end
        for _, id in ipairs(suspects) do
            local job = base .. id
            if call('EXISTS', job .. ':lock') == 0 and call('LREM', base .. 'active', 1, id) > 0
               and call('EXISTS', job) == 1 then
                local stalls = call('HINCRBY', job, 'stc', 1)
                if stalls > tonumber(ARGV[3]) then
                    -- A worker takes it and fails it, with all that a failure brings.
                    call('HSET', job, 'defa', 'job stalled more than allowable limit')
                    lost[#lost + 1] = id
                else
                    back[#back + 1] = id
                end
                call('RPUSH', base .. 'wait', id)
                mark(base)
                emit(base, 'waiting', id, 'prev', 'active')
                emit(base, 'stalled', id)
            end
        end
        local active = call('LRANGE', base .. 'active', 0, -1)
        for at = 1, #active, 1000 do
            call('SADD', base .. 'stalled', unpack(active, at, math.min(at + 999, #active)))
        end
        call('XTRIM', base .. 'events', 'MAXLEN', '~', events_max(base))
        return {back, lost})lua");
    return script;
}

}  // namespace chatflow::jobs
