#include "libs/rooms/room_store.hpp"

#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/script.hpp"

#include <charconv>
#include <map>
#include <string_view>
#include <utility>

namespace chatflow::rooms {
namespace {

// KEYS clock, meta, log, [once]
// ARGV channel, event, except, log length, log ms, meta ms, once ms · returns {id, seq, repeat}
const redis::Script& publish_script() {
    static const redis::Script script(R"lua(
        if KEYS[4] then
            local before = redis.call('GET', KEYS[4])
            if before then
                local id, seq = string.match(before, '^(%d+) (%d+)$')
                return {id, seq, 1}
            end
        end
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local last = redis.call('HGET', KEYS[1], 'id')
        if not last then redis.call('HSET', KEYS[1], 'born', string.format('%.0f', now)) end
        local id = string.format('%.0f', math.max(now, (tonumber(last) or 0) + 1))
        redis.call('HSET', KEYS[1], 'id', id)
        local previous = redis.call('HGET', KEYS[2], 'id') or '0'
        local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
        redis.call('HSET', KEYS[2], 'id', id)
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], id .. '-0',
                   'p', previous, 's', seq, 'x', ARGV[3], 'd', ARGV[2])
        redis.call('PEXPIRE', KEYS[3], ARGV[5])
        if KEYS[4] then redis.call('SET', KEYS[4], id .. ' ' .. seq, 'PX', ARGV[7]) end
        local except = ARGV[3] == '' and '-' or ARGV[3]
        redis.call('SPUBLISH', ARGV[1],
                   'm ' .. id .. ' ' .. previous .. ' ' .. seq .. ' ' .. except .. '\n' .. ARGV[2])
        return {id, tostring(seq), 0})lua");
    return script;
}

// KEYS names · ARGV ms
const redis::Script& shorten_script() {
    static const redis::Script script(R"lua(
        for _, name in ipairs(KEYS) do redis.call('PEXPIRE', name, ARGV[1]) end
        return #KEYS)lua");
    return script;
}

// KEYS meta, log of each room · ARGV count, then the position of each room
// Returns per room {last id, last seq, entries}.
const redis::Script& read_script() {
    static const redis::Script script(R"lua(
        local rooms = {}
        for i = 1, #KEYS, 2 do
            local meta = redis.call('HMGET', KEYS[i], 'id', 'seq')
            local after = ARGV[1 + (i + 1) / 2]
            local entries = {}
            if ARGV[1] ~= '0' and meta[1] and meta[1] ~= after then
                entries = redis.call('XRANGE', KEYS[i + 1], '(' .. after .. '-0', '+',
                                     'COUNT', ARGV[1])
            end
            rooms[#rooms + 1] = {meta[1] or '0', meta[2] or '0', entries}
        end
        return rooms)lua");
    return script;
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) throw redis::ProtocolError("a room's entry holds no number");
    return value;  // "17-0": what follows the number is of no interest
}

RoomMessage message_of(const redis::Reply::Element& entry) {
    RoomMessage message{.id = number(entry[0].text())};
    const auto fields = entry[1];
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        const auto name = fields[i].text();
        const auto value = fields[i + 1].text();
        if (name == "p") message.previous = number(value);
        if (name == "s") message.seq = number(value);
        if (name == "x") message.except = value;
        if (name == "d") message.event = value;
    }
    return message;
}

std::string milliseconds(std::chrono::seconds time) {
    return std::to_string(std::chrono::milliseconds(time).count());
}

}  // namespace

RoomStore::RoomStore(redis::Client& redis, RoomKeys keys, Retention retention)
    : redis_(redis), keys_(std::move(keys)), retention_(retention) {}

awaitable<Published> RoomStore::publish(Publication publication, Deadline deadline) {
    const std::string& room = publication.room;
    std::vector<std::string> names;
    names.push_back(keys_.clock(keys_.shard_of(room)));
    names.push_back(keys_.meta(room));
    names.push_back(keys_.log(room));
    if (!publication.once.empty()) names.push_back(keys_.once(room, publication.once));
    std::vector<std::string> arguments;
    arguments.push_back(keys_.channel(room));
    arguments.push_back(std::move(publication.event));
    arguments.push_back(std::move(publication.except));
    arguments.push_back(std::to_string(retention_.log_length));
    arguments.push_back(milliseconds(retention_.log_time));
    arguments.push_back(milliseconds(retention_.meta_time));
    arguments.push_back(milliseconds(retention_.once_time));
    const auto reply = co_await redis_.eval(publish_script(), names, arguments, deadline);
    co_return Published{number(reply[0].text()), number(reply[1].text()), reply[2].integer() == 1};
}

awaitable<void> RoomStore::shorten_names(std::span<const PublicationName> names,
                                         std::chrono::seconds time, Deadline deadline) {
    std::map<std::size_t, std::vector<std::string>> keys_of_shard;
    for (const auto& [room, once] : names) {
        keys_of_shard[keys_.shard_of(room)].push_back(keys_.once(room, once));
    }
    const std::vector<std::string> arguments{milliseconds(time)};
    for (const auto& [shard, keys] : keys_of_shard) {
        co_await redis_.eval(shorten_script(), keys, arguments, deadline);
    }
}

awaitable<void> RoomStore::publish_ephemeral(Publication publication, Deadline deadline) {
    const auto notice = ephemeral_notice(publication.except, publication.event);
    const auto channel = keys_.channel(publication.room);
    redis::Command tell{"SPUBLISH", channel, notice};
    co_await redis_.call(std::move(tell), deadline);
}

awaitable<std::vector<RoomHistory>> RoomStore::read(std::vector<RoomPosition> positions,
                                                    std::size_t count, Deadline deadline) {
    std::vector<RoomHistory> histories;
    if (positions.empty()) co_return histories;
    std::vector<std::string> names;
    std::vector<std::string> arguments;
    arguments.push_back(std::to_string(count));
    for (const RoomPosition& position : positions) {
        names.push_back(keys_.meta(position.room));
        names.push_back(keys_.log(position.room));
        arguments.push_back(std::to_string(position.after));
    }
    const auto reply = co_await redis_.eval(read_script(), names, arguments, deadline);
    for (std::size_t i = 0; i < reply.size(); ++i) {
        RoomHistory history;
        history.last = number(reply[i][0].text());
        history.last_seq = number(reply[i][1].text());
        const auto entries = reply[i][2];
        for (std::size_t e = 0; e < entries.size(); ++e) {
            history.messages.push_back(message_of(entries[e]));
        }
        histories.push_back(std::move(history));
    }
    co_return histories;
}

awaitable<MessageId> RoomStore::id_of(std::string room, std::uint64_t seq, std::size_t count,
                                      Deadline deadline) {
    const auto log = keys_.log(room);
    const auto most = std::to_string(count + 1);
    redis::Command back{"XREVRANGE", log, "+", "-", "COUNT", most};
    const auto reply = co_await redis_.call(std::move(back), deadline);
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto message = message_of(reply[i]);
        if (message.seq <= seq) co_return message.id;
        if (message.seq == seq + 1) co_return message.previous;
    }
    co_return 0;
}

awaitable<MessageId> RoomStore::born(std::size_t shard, Deadline deadline) {
    const auto clock = keys_.clock(shard);
    redis::Command ask{"HGET", clock, "born"};
    const auto reply = co_await redis_.call(std::move(ask), deadline);
    co_return number(reply.optional_text().value_or("0"));
}

}  // namespace chatflow::rooms
