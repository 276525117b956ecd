// What all scripts share, and adding jobs.
#include "libs/jobs/scripts.hpp"

namespace chatflow::jobs {

const std::string_view kCommonLua = R"lua(
        local call = redis.call
        local base = KEYS[1]
        local slots = 4096  -- of one millisecond in the score of a delayed job

        local function emit(of, event, id, ...)
            call('XADD', of .. 'events', '*', 'event', event, 'jobId', id, ...)
        end
        local function events_max(of)
            return call('HGET', of .. 'meta', 'opts.maxLenEvents') or 10000
        end
        -- Wakes a worker that waits.
        local function mark(of)
            if call('HEXISTS', of .. 'meta', 'paused') == 0 then
                call('ZADD', of .. 'marker', 0, '0')
            end
        end
        local function enqueue(of, id, priority, in_front)
            if priority > 0 then
                local turn = call('INCR', of .. 'pc') % 4294967296
                call('ZADD', of .. 'prioritized', priority * 4294967296 + turn, id)
            else
                call(in_front and 'RPUSH' or 'LPUSH', of .. 'wait', id)
            end
            mark(of)
        end
        local function next_delayed(of)
            local first = call('ZRANGE', of .. 'delayed', 0, 0, 'WITHSCORES')
            return first[2] and math.floor(tonumber(first[2]) / slots) or 0
        end
        local function delay_job(of, id, due)
            local least, most = due * slots, due * slots + slots - 1
            local last = call('ZREVRANGEBYSCORE', of .. 'delayed', most, least,
                              'WITHSCORES', 'LIMIT', 0, 1)[2]
            call('ZADD', of .. 'delayed', last and math.min(tonumber(last) + 1, most) or least, id)
            emit(of, 'delayed', id, 'delay', due)
            if call('HEXISTS', of .. 'meta', 'paused') == 0 then
                call('ZADD', of .. 'marker', next_delayed(of), '1')
            end
        end
        -- Jobs whose time has come wait; at most 1,000 in one call.
        local function promote_delayed(now)
            local due = call('ZRANGEBYSCORE', base .. 'delayed', 0, (now + 1) * slots - 1,
                             'LIMIT', 0, 1000)
            if #due == 0 then return end
            call('ZREM', base .. 'delayed', unpack(due))
            for _, id in ipairs(due) do
                local priority = tonumber(call('HGET', base .. id, 'priority') or 0) or 0
                enqueue(base, id, priority, false)
                emit(base, 'waiting', id, 'prev', 'delayed')
                call('HSET', base .. id, 'delay', 0)
            end
        end
        local function delete_job(job)
            call('DEL', job, job .. ':logs', job .. ':dependencies', job .. ':processed',
                 job .. ':failed', job .. ':unsuccessful')
        end
        local function remove_jobs(of, set, ids)
            if #ids == 0 then return end
            call('ZREM', of .. set, unpack(ids))
            for _, id in ipairs(ids) do delete_job(of .. id) end
        end
        local function parent_of_many(job) return call('SCARD', job .. ':dependencies') > 0 end
        -- While a job is not done others of its deduplication id are refused; with a time to live
        -- the key goes by itself.
        local function release_deduplication(deid, id)
            local held = base .. 'de:' .. deid
            if call('PTTL', held) == -1 and call('GET', held) == id then call('DEL', held) end
        end
        local function wake_parent(now, of, id)
            if call('ZREM', of .. 'waiting-children', id) == 0 then return end
            local job = call('HMGET', of .. id, 'priority', 'delay')
            local delay = tonumber(job[2] or 0) or 0
            if delay > 0 then return delay_job(of, id, now + delay) end
            enqueue(of, id, tonumber(job[1] or 0) or 0, true)
            emit(of, 'waiting', id, 'prev', 'waiting-children')
        end
        -- `mode`: what the child's options say about a failure.
        local function tell_parent(now, of, id, child, state, value, mode)
            local parent = of .. id
            local waits_for = parent .. ':dependencies'
            if state == 'failed' and mode == '' then return end
            if call('SREM', waits_for, child) == 0 then return end
            if state == 'completed' then
                call('HSET', parent .. ':processed', child, value)
            elseif mode == 'fpof' then
                call('ZADD', parent .. ':unsuccessful', now, child)
                if call('ZSCORE', of .. 'waiting-children', id) then
                    call('HSET', parent, 'defa', 'child ' .. child .. ' failed')
                    wake_parent(now, of, id)
                end
                return
            elseif mode == 'cpof' then
                call('HSET', parent .. ':failed', child, value)
                return wake_parent(now, of, id)
            elseif mode == 'idof' then
                call('HSET', parent .. ':failed', child, value)
            end
            if call('SCARD', waits_for) == 0 and call('EXISTS', parent) == 1 then
                wake_parent(now, of, id)
            end
        end
        -- The hash of a job and its place in the queue.
        local function insert(id, name, data, opts, now, delay, priority, in_front, extra)
            call('HSET', base .. id, 'name', name, 'data', data, 'opts', opts, 'timestamp', now,
                 'delay', delay, 'priority', priority, unpack(extra))
            emit(base, 'added', id, 'name', name)
            if delay > 0 then return delay_job(base, id, now + delay) end
            enqueue(base, id, priority, in_front)
            call('XADD', base .. 'events', 'MAXLEN', '~', events_max(base), '*', 'event', 'waiting',
                 'jobId', id)
        end
)lua";

redis::Script script_of(std::string_view body) {
    return redis::Script(std::string(kCommonLua) + std::string(body));
}

const redis::Script& add_script() {
    static const redis::Script script = script_of(R"lua(
        local now, ids = tonumber(ARGV[1]), {}

        -- The id of the job that is there already, or nil when the new one may be added.
        local function duplicate_of(id, deid, ttl, extend, replace)
            local held = base .. 'de:' .. deid
            local set
            if ttl ~= '' then set = call('SET', held, id, 'PX', ttl, 'NX')
            else set = call('SET', held, id, 'NX') end
            if set then return nil end
            local older = call('GET', held)
            if replace == '1' and call('ZREM', base .. 'delayed', older) == 1 then
                delete_job(base .. older)
                emit(base, 'removed', older, 'prev', 'delayed')
                if ttl ~= '' then call('SET', held, id, 'PX', ttl) else call('SET', held, id) end
                return nil
            end
            if extend == '1' and ttl ~= '' then call('PEXPIRE', held, ttl) end
            emit(base, 'deduplicated', older, 'deduplicationId', deid, 'deduplicatedJobId', id)
            return older
        end

        local function add(id, name, data, opts, delay, priority, lifo, deid, ttl, extend, replace,
                           parent_base, parent_id, parent_json)
            local number = call('INCR', base .. 'id')
            if id == '' then
                id = string.format('%.0f', number)
            elseif call('EXISTS', base .. id) == 1 then
                emit(base, 'duplicated', id)
                return id
            end
            local extra = {}
            if deid ~= '' then
                local older = duplicate_of(id, deid, ttl, extend, replace)
                if older then return older end
                extra = {'deid', deid}
            end
            if parent_id ~= '' then
                local parent = parent_base .. parent_id
                if call('EXISTS', parent) == 0 then return redis.error_reply('NOPARENT ' .. parent) end
                call('SADD', parent .. ':dependencies', base .. id)
                extra[#extra + 1] = 'parentKey'
                extra[#extra + 1] = parent
                extra[#extra + 1] = 'parent'
                extra[#extra + 1] = parent_json
            end
            insert(id, name, data, opts, now, tonumber(delay), tonumber(priority), lifo == '1', extra)
            return id
        end

        if call('HSETNX', base .. 'meta', 'version', 'bullmq:6.0.0') == 1 then
            call('HSETNX', base .. 'meta', 'opts.maxLenEvents', 10000)
        end
        for at = 2, #ARGV, 14 do ids[#ids + 1] = add(unpack(ARGV, at, at + 13)) end
        return ids)lua");
    return script;
}

}  // namespace chatflow::jobs
