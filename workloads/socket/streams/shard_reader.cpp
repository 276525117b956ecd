#include "workloads/socket/streams/shard_reader.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/reply_reader.hpp"
#include "libs/redis/stream.hpp"
#include "workloads/socket/streams/order.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include <boost/system/system_error.hpp>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 2s;
constexpr auto kAfterFailure = 200ms;
constexpr auto kPingAfter = 2s;
constexpr auto kSilenceMax = 6s;
constexpr auto kLinger = 10s;  // a room without members is kept so long: they may come back
constexpr std::size_t kChannelsAtOnce = 500;  // one command; one script call
constexpr std::size_t kRoomsAtOnce = 50;      // of which messages are read in one script call
constexpr std::size_t kPage = 200;            // messages of a room read at once
constexpr std::size_t kHeldMax = 100'000;     // notices; a connection that owes more begins anew

Deadline soon() { return Deadline::after(kCallTime); }

redis::Command channels_command(std::string_view verb, std::span<const std::string> channels) {
    std::vector<std::string_view> words{verb};
    words.insert(words.end(), channels.begin(), channels.end());
    return redis::Command(std::span<const std::string_view>(words));
}

}  // namespace

ShardReader::ShardReader(asio::any_io_executor executor, RoomReader& reader, std::size_t shard,
                         Log log, std::string foreign_prefix)
    : executor_(executor),
      reader_(reader),
      shard_(shard),
      log_(log.with({{"shard", shard}})),
      foreign_prefix_(std::move(foreign_prefix)),
      write_is_due_(executor),
      room_is_placed_(executor) {}

awaitable<void> ShardReader::run() {
    std::string told;
    for (;;) {
        try {
            co_await serve();
        } catch (const redis::Error& error) {
            if (told != error.what()) {
                log_.warning("Rooms cannot be read", {{"error", error.what()}});
            }
            told = error.what();
        }
        co_await sleep_until(Deadline::after(kAfterFailure));
    }
}

awaitable<void> ShardReader::serve() {
    redis::Client& client = reader_.store_.redis();
    co_await client.wait_until_connected(Deadline::after(24h));
    const auto where = client.options_for(reader_.store_.keys().tag(shard_));
    if (!where) throw redis::Unavailable("the cluster's map is not known");
    auto connection = co_await redis::Connection::open(*where);
    begin(*connection);
    TaskGroup helpers(executor_, [&connection](const std::exception_ptr&) { connection->close(); });
    helpers.spawn(write_commands(*connection));
    helpers.spawn(watch(*connection));
    std::exception_ptr end;
    try {
        std::array<char, 64U << 10U> buffer;
        for (;;) {
            while (auto reply = connection->reader().next()) co_await take(std::move(*reply));
            // All at once after a reconnect: what was missed is delivered in the order of ids.
            if (!confirmed_.empty() && returning_ == 0) co_await place_confirmed();
            const auto size = co_await connection->stream().read_some(asio::buffer(buffer));
            last_heard_ = Deadline::Clock::now();
            connection->reader().feed({buffer.data(), size});
        }
    } catch (...) {
        end = std::current_exception();
    }
    connection_ = nullptr;
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    helpers.cancel();
    co_await helpers.wait();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (cancelled != asio::cancellation_type::none) std::rethrow_exception(end);
    try {
        std::rethrow_exception(end);
    } catch (const boost::system::system_error& error) {
        throw redis::Unavailable(error.code().message());
    }
}

void ShardReader::begin(redis::Connection& connection) {
    wanted_.clear();
    confirmed_.clear();
    held_.clear();
    returning_ = 0;
    for (auto& [name, room] : rooms_) {
        room.was_placed = room.was_placed || room.is_placed;
        room.is_asked_for = room.is_confirmed = room.is_placed = false;
        if (room.was_placed) ++returning_;
        wanted_.push_back(name);
    }
    last_heard_ = Deadline::Clock::now();
    connection_ = &connection;
}

// Says which rooms are wanted and which no longer, as they change.
awaitable<void> ShardReader::write_commands(redis::Connection& connection) {
    if (!foreign_prefix_.empty()) {
        redis::Command everyone{"SSUBSCRIBE", foreign_prefix_ + "#/#"};
        co_await connection.send(std::move(everyone), soon());
    }
    for (;;) {
        const auto channels = take_wanted();
        for (std::size_t done = 0; done < channels.size(); done += kChannelsAtOnce) {
            const auto count = std::min(kChannelsAtOnce, channels.size() - done);
            const auto part = std::span(channels).subspan(done, count);
            co_await connection.send(channels_command("SSUBSCRIBE", part), soon());
        }
        const auto gone = take_unused();
        if (!gone.empty()) {
            co_await connection.send(channels_command("SUNSUBSCRIBE", gone), soon());
        }
        if (std::exchange(ping_is_due_, false)) {
            redis::Command ping{"PING"};
            co_await connection.send(std::move(ping), soon());
        }
        if (wanted_.empty()) co_await write_is_due_.wait();
    }
}

std::vector<std::string> ShardReader::take_wanted() {
    std::vector<std::string> channels;
    for (const auto& name : std::exchange(wanted_, {})) {
        const auto place = rooms_.find(name);
        if (place == rooms_.end() || std::exchange(place->second.is_asked_for, true)) continue;
        add_channels(channels, name);
    }
    return channels;
}

// A room that was asked for is given up only once Redis has confirmed it: a confirmation that comes
// later would be taken for that of the next time.
std::vector<std::string> ShardReader::take_unused() {
    std::vector<std::string> channels;
    while (!unused_.empty() && unused_.front().first.has_passed()) {
        auto name = std::move(unused_.front().second);
        unused_.pop_front();
        const auto place = rooms_.find(name);
        if (place == rooms_.end() || place->second.users > 0) continue;
        if (!place->second.is_placed) {
            unused_.emplace_back(Deadline::after(kLinger), std::move(name));
            break;
        }
        add_channels(channels, name);
        rooms_.erase(place);
    }
    return channels;
}

void ShardReader::add_channels(std::vector<std::string>& channels, const std::string& name) const {
    channels.push_back(reader_.store_.keys().channel(name));
    if (!foreign_prefix_.empty()) channels.push_back(foreign_prefix_ + "#/#" + name + "#");
}

awaitable<void> ShardReader::watch(redis::Connection& connection) {
    const redis::Client& client = reader_.store_.redis();
    const auto made = client.connections_made();
    for (;;) {
        co_await sleep_until(Deadline::after(kPingAfter));
        const auto silence = Deadline::Clock::now() - last_heard_;
        // The client may have found another master: what is published there is not heard here.
        if (silence > kSilenceMax || client.connections_made() != made) {
            connection.close();
            co_return;
        }
        if (silence > kPingAfter) ping_is_due_ = true;
        if (ping_is_due_ || !unused_.empty()) write_is_due_.notify_all();
    }
}

awaitable<void> ShardReader::take(redis::Reply reply) {
    if (reply.is_error()) throw redis::ServerError(std::string(reply.error_text()));
    if (reply.size() < 3) co_return;  // pong
    const auto kind = reply[0].text();
    const auto channel = reply[1].text();
    const auto room = reader_.store_.keys().room_of(channel);
    if (kind == "smessage" && room.empty()) {
        reader_.listener_.on_foreign(channel, reply[2].text());
    } else if (kind == "smessage") {
        auto message = rooms::parse_notice(reply[2].text());
        if (message) co_await take_notice(std::string(room), std::move(*message));
    } else if (kind == "ssubscribe") {
        confirm(room);
    } else if (kind == "sunsubscribe") {
        // Unasked: the slot has moved to another node.
        const auto place = rooms_.find(std::string(room));
        if (place != rooms_.end() && place->second.is_confirmed) {
            throw redis::Unavailable("the shard has moved");
        }
    }
}

void ShardReader::confirm(std::string_view name) {
    const auto place = rooms_.find(std::string(name));
    if (place == rooms_.end() || place->second.is_confirmed) return;
    place->second.is_confirmed = true;
    if (place->second.was_placed) --returning_;
    confirmed_.push_back(place->first);
}

awaitable<void> ShardReader::take_notice(std::string name, rooms::RoomMessage message) {
    auto place = rooms_.find(name);
    if (place == rooms_.end()) co_return;
    if (!place->second.is_placed) {
        if (held_.size() >= kHeldMax) throw redis::Unavailable("too many notices wait");
        held_.emplace_back(std::move(name), std::move(message));
        co_return;
    }
    ++figures_.messages;
    auto verdict = judge(place->second.last, message);
    if (verdict == Verdict::Gap) {
        ++figures_.gaps;
        co_await fill_gap(name);
        place = rooms_.find(name);
        if (place == rooms_.end()) co_return;
        verdict = judge(place->second.last, message);
        if (verdict == Verdict::Gap) lose(name, place->second);
    }
    if (verdict == Verdict::Repeat) {
        ++figures_.repeats;
        co_return;
    }
    deliver(name, place->second, message);
}

// Nothing else of the shard is delivered meanwhile, so that ids never go back.
awaitable<void> ShardReader::fill_gap(std::string name) {
    std::vector<std::string> names;
    names.push_back(std::move(name));
    co_await catch_up(std::move(names));
}

// Of rooms that Redis sends notices of now: where do they stand? What came while nobody listened is
// delivered by id, as if it had come in time; then what came since.
awaitable<void> ShardReader::place_confirmed() {
    std::vector<std::string> fresh;
    std::vector<std::string> returning;
    for (auto& name : std::exchange(confirmed_, {})) {
        const auto place = rooms_.find(name);
        if (place == rooms_.end()) continue;
        (place->second.was_placed ? returning : fresh).push_back(std::move(name));
    }
    for (std::size_t done = 0; done < fresh.size(); done += kChannelsAtOnce) {
        std::vector<rooms::RoomPosition> asked;
        for (std::size_t i = done; i < std::min(done + kChannelsAtOnce, fresh.size()); ++i) {
            asked.push_back({fresh[i], 0});
        }
        const auto found = co_await reader_.store_.read(asked, 0, soon());
        for (std::size_t i = 0; i < asked.size(); ++i) {
            const auto place = rooms_.find(asked[i].room);
            if (place != rooms_.end()) place->second.last = found[i].last;
        }
    }
    co_await catch_up(returning);
    for (const auto* names : {&fresh, &returning}) {
        for (const auto& name : *names) {
            const auto place = rooms_.find(name);
            if (place != rooms_.end()) place->second.is_placed = true;
        }
    }
    auto held = std::exchange(held_, {});
    for (auto& [name, message] : held) co_await take_notice(std::move(name), std::move(message));
    room_is_placed_.notify_all();
}

awaitable<void> ShardReader::catch_up(std::vector<std::string> names) {
    std::vector<RoomEvent> missed;
    std::vector<rooms::RoomPosition> open;
    for (const auto& name : names) {
        const auto place = rooms_.find(name);
        if (place != rooms_.end()) open.push_back({name, place->second.last});
    }
    while (!open.empty()) {
        const auto count = std::min(open.size(), kRoomsAtOnce);
        std::vector<rooms::RoomPosition> asked(open.end() - static_cast<std::ptrdiff_t>(count),
                                               open.end());
        open.resize(open.size() - count);
        auto found = co_await reader_.store_.read(asked, kPage, soon());
        for (std::size_t i = 0; i < found.size(); ++i) {
            auto& messages = found[i].messages;
            if (messages.size() == kPage) open.push_back({asked[i].room, messages.back().id});
            for (auto& message : messages) missed.push_back({asked[i].room, std::move(message)});
        }
    }
    std::ranges::stable_sort(missed, {}, [](const RoomEvent& event) { return event.message.id; });
    for (const RoomEvent& event : missed) {
        const auto place = rooms_.find(event.room);
        if (place == rooms_.end()) continue;
        const auto verdict = judge(place->second.last, event.message);
        if (verdict == Verdict::Repeat) continue;
        if (verdict == Verdict::Gap) lose(event.room, place->second);
        ++figures_.filled;
        deliver(event.room, place->second, event.message);
    }
}

void ShardReader::deliver(const std::string& name, Room& room, const rooms::RoomMessage& message) {
    if (!message.is_ephemeral()) room.last = message.id;
    reader_.deliver(shard_, name, message);
}

void ShardReader::lose(const std::string& name, Room& room) {
    ++figures_.losses;
    log_.warning("Messages of a room were lost before they were read",
                 {{"room", name}, {"after", room.last}});
    reader_.listener_.on_loss(name);
}

awaitable<void> ShardReader::subscribe(std::string name, Deadline deadline) {
    const auto [entry, is_new] = rooms_.try_emplace(name);
    ++entry->second.users;
    if (is_new) {
        wanted_.push_back(name);
        write_is_due_.notify_all();
    }
    while (!rooms_[name].is_placed) {
        bool is_late = false;
        try {
            co_await with_deadline(room_is_placed_.wait(), deadline, "subscribing to a room");
        } catch (const DeadlineExceeded&) {
            is_late = true;
        } catch (...) {
            unsubscribe(name);
            throw;
        }
        if (is_late && !rooms_[name].is_placed) {
            unsubscribe(name);
            throw redis::Unavailable("rooms cannot be read now");
        }
    }
}

void ShardReader::unsubscribe(const std::string& name) {
    const auto place = rooms_.find(name);
    if (place == rooms_.end() || place->second.users == 0) return;
    if (--place->second.users == 0) unused_.emplace_back(Deadline::after(kLinger), name);
}

rooms::MessageId ShardReader::last(const std::string& name) const {
    const auto place = rooms_.find(name);
    return place == rooms_.end() ? 0 : place->second.last;
}

}  // namespace chatflow::socket
