#include "workloads/socket/platform/platform.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "workloads/socket/platform/connection.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 2s;
constexpr auto kBetweenSweeps = 1s;
constexpr auto kBetweenRefreshes = 60s;
constexpr auto kWarnedBeforeExpiry = 30s;

Deadline soon() { return Deadline::after(kCallTime); }

TimePoint now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

// Private: whoever knows it can go on with the session (with a token of the same user).
std::string new_session_id() {
    constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::random_device random;
    std::string id;
    for (int i = 0; i < 24; ++i) id += kDigits[random() % kDigits.size()];
    return id;
}

std::string room_of_user(const std::string& user) { return "user:" + user; }

std::vector<std::string> patterns_of(const std::string& node_prefix) {
    if (node_prefix.empty()) return {};
    return {node_prefix + "#/#*"};
}

}  // namespace

Platform::Platform(asio::any_io_executor executor, redis::Client& redis, Gateway& gateway,
                   Membership& membership, KeySource& keys, PlatformObserver& observer,
                   PlatformOptions options, Log log)
    : executor_(executor),
      redis_(redis),
      gateway_(gateway),
      membership_(membership),
      keys_(keys),
      observer_(observer),
      options_(std::move(options)),
      log_(std::move(log)),
      store_(redis_, options_.keys, options_.retention),
      reader_(executor, store_,
              {.on_message = [this](const std::string& room, const rooms::RoomMessage& message,
                                    const Positions& at) { on_message(room, message, at); },
               .on_loss = [this](const std::string& room) { on_loss(room); },
               .on_foreign =
                   [this](std::string_view, std::string_view payload) {
                       if (const auto told = parse_sharded(payload)) broadcast(*told);
                   }},
              log_, options_.node_prefix),
      presence_(executor, redis_, options_.presence, log_),
      sessions_(redis_, options_.presence.prefix, options_.recovery_window + 2 * kBetweenRefreshes),
      bans_(redis_, [this](const std::string& user) { on_ban(user); }),
      control_(
          redis_, {std::string(kControlChannel), std::string(kUserEvents)},
          patterns_of(options_.node_prefix),
          [this](std::string_view channel, std::string_view text) { on_control(channel, text); },
          [this] { return bans_.load(); }, log_),
      bus_(redis_, events::platform_catalog(), nullptr),
      background_(executor, [](const std::exception_ptr&) {}) {}

Platform::~Platform() = default;

awaitable<void> Platform::run() {
    TaskGroup parts(executor_, [](const std::exception_ptr&) {});
    parts.spawn(reader_.run());
    parts.spawn(presence_.run());
    parts.spawn(control_.run());
    parts.spawn(sweep());
    parts.spawn(refresh_sessions());
    std::exception_ptr end;
    try {
        co_await parts.wait();
    } catch (...) {
        end = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    parts.cancel();
    background_.cancel();
    co_await parts.wait();
    co_await background_.wait();
    if (end) std::rethrow_exception(end);
}

awaitable<Admission> Platform::admit(Applicant applicant, Deadline deadline) {
    auto known = co_await identify_now(applicant.token, deadline);
    if (!known) {
        observer_.on_postponed("Keys are away");
        co_return Postponed{};
    }
    auto& identity = *known;
    if (identity && bans_.is_banned(identity->user)) {
        identity = std::unexpected(Refusal::UserBanned);
    }
    if (!identity) {
        observer_.on_refused(identity.error());
        co_return Refused{std::string(to_string(identity.error()))};
    }
    const std::string user = identity->user;
    const std::string socket = applicant.socket;
    try {
        if (!bans_.is_known()) throw redis::Unavailable("who is banned is not known yet");
        co_return co_await admit_user(std::move(applicant), std::move(*identity), deadline);
    } catch (const std::exception& error) {
        if (is_cancellation(std::current_exception())) throw;
        log_.debug("A connection is postponed", {{"error", error.what()}});
    }
    observer_.on_postponed("Redis is away");
    closed(socket, true);
    co_return Postponed{};
}

// Nothing while it cannot be told, because the keys cannot be read.
awaitable<std::optional<std::expected<Identity, Refusal>>> Platform::identify_now(
    std::string token, Deadline deadline) {
    bool is_renewed = keys_.keys() == nullptr;
    if (is_renewed) co_await keys_.renew(deadline);
    for (;;) {
        const auto keys = keys_.keys();
        if (!keys) co_return std::nullopt;
        auto identity = identify(token, *keys, options_.token, now());
        const bool is_unknown = !identity && identity.error() == Refusal::KeyUnknown;
        if (!is_unknown || std::exchange(is_renewed, true)) co_return identity;
        const auto renewal = co_await keys_.renew(deadline);
        if (renewal == Renewal::Unknown) co_return std::nullopt;
    }
}

awaitable<Admission> Platform::admit_user(Applicant applicant, Identity identity,
                                          Deadline deadline) {
    std::optional<SessionRecord> record;
    if (!applicant.session.empty()) {
        record = co_await sessions_.find(applicant.session, deadline);
        if (record && record->user != identity.user) record.reset();
    }
    const bool has_place = co_await presence_.connect(identity.user, applicant.socket,
                                                      record ? record->member : "", deadline);
    if (!has_place) {
        observer_.on_refused(Refusal::TooManyConnections);
        co_return Refused{std::string(to_string(Refusal::TooManyConnections))};
    }
    auto& connection = connections_[applicant.socket];
    connection = std::make_unique<Connection>();
    connection->identity = std::move(identity);
    Connection& own = *connection;
    co_await settle(applicant, own, std::move(record), deadline);
    // A ban may have come while Redis was asked.
    if (bans_.is_banned(own.identity.user)) {
        closed(applicant.socket, false);
        observer_.on_refused(Refusal::UserBanned);
        co_return Refused{std::string(to_string(Refusal::UserBanned))};
    }
    const bool is_recovered = own.returning != nullptr;
    co_return Admitted{own.identity.user, own.session, is_recovered};
}

awaitable<void> Platform::settle(const Applicant& applicant, Connection& connection,
                                 std::optional<SessionRecord> record, Deadline deadline) {
    bool is_recovered = false;
    if (record) {
        is_recovered = co_await recover(applicant, connection, *record, deadline);
        redis::Command tell{"PUBLISH", kControlChannel,
                            taken_message(record->member.substr(record->member.find('/') + 1))};
        co_await redis_.call(std::move(tell), deadline);
    }
    if (!applicant.session.empty()) {
        observer_.on_recovery(
            is_recovered ? RecoveryOutcome::Lossless : RecoveryOutcome::Failure,
            is_recovered ? connection.returning->plan(options_.replay_max).events.size() : 0);
    }
    if (is_recovered) {
        connection.session = applicant.session;
    } else {
        if (record) co_await sessions_.remove(applicant.session, deadline);
        connection.session = new_session_id();
        const auto room = room_of_user(connection.identity.user);
        co_await reader_.subscribe(room, deadline);
        connection.rooms[room] = reader_.last(room);
    }
    co_await sessions_.put(connection.session, record_of(applicant.socket, connection), deadline);
}

awaitable<bool> Platform::recover(const Applicant& applicant, Connection& connection,
                                  const SessionRecord& record, Deadline deadline) {
    const auto offset = Positions::parse(applicant.offset, store_.keys().shards);
    if (!applicant.offset.empty() && !offset) co_return false;
    std::map<std::string, rooms::MessageId> after;
    for (const auto& [room, joined_at] : record.rooms) {
        const bool is_own = room == room_of_user(record.user);
        const bool may_stay = is_own || co_await membership_.may_join(record.user, room, deadline);
        if (!may_stay) continue;
        co_await reader_.subscribe(room, deadline);
        connection.rooms[room] = joined_at;
        const auto seen = offset ? offset->at(store_.keys().shard_of(room)) : 0;
        after[room] = std::max(joined_at, seen);
    }
    auto returning = co_await read_missed(std::move(after), offset, deadline);
    returning->old_socket = record.member.substr(record.member.find('/') + 1);
    if (returning->plan(options_.replay_max).is_complete) {
        connection.returning = std::move(returning);
        co_return true;
    }
    leave_all(connection);
    co_return false;
}

// The collector is there before the logs are read: between the two nothing is missed.
awaitable<std::unique_ptr<Platform::Returning>> Platform::read_missed(
    std::map<std::string, rooms::MessageId> after, const std::optional<Positions>& seen,
    Deadline deadline) {
    const auto& keys = store_.keys();
    std::set<std::string> names;
    std::map<std::size_t, std::vector<rooms::RoomPosition>> by_shard;
    for (const auto& [room, id] : after) {
        names.insert(room);
        by_shard[keys.shard_of(room)].push_back({room, id});
    }
    auto returning = std::make_unique<Returning>(reader_, std::move(names), options_.replay_max,
                                                 seen.value_or(Positions(keys.shards)));
    for (const auto& [shard, positions] : by_shard) {
        const auto born = co_await store_.born(shard, deadline);
        auto histories = co_await store_.read(positions, options_.replay_max + 1, deadline);
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const auto shard_seen = seen ? seen->at(shard) : 0;
            returning->missed.push_back({positions[i], shard_seen, born, std::move(histories[i])});
        }
    }
    co_return returning;
}

void Platform::opened(const std::string& socket) {
    Connection* connection = find(socket);
    if (connection == nullptr) return;
    connection->is_open = true;
    for (const auto& [room, joined_at] : connection->rooms) gateway_.join(socket, room);
    const auto returning = std::exchange(connection->returning, nullptr);
    if (!returning) return;
    const auto missed = returning->plan(options_.replay_max);
    if (!missed.is_complete) {  // too much came just now: the client comes back and fetches anew
        gateway_.close(socket, Ending::ComeBack, "too much was missed");
        return;
    }
    Replay for_others;
    for (const RoomEvent& event : missed.events) {
        if (event.message.except != returning->old_socket) for_others.events.push_back(event);
    }
    replay(socket, *connection, for_others, returning->seen);
}

void Platform::replay(const std::string& socket, const Connection&, const Replay& replay,
                      Positions positions) {
    for (const RoomEvent& event : replay.events) {
        // The log is ahead of the reader: this one is still to be delivered to all members.
        if (event.message.id > reader_.last(event.room)) continue;
        positions.advance(store_.keys().shard_of(event.room), event.message.id);
        gateway_.send(socket, with_offset(event.message.event, positions.to_offset()));
    }
}

void Platform::closed(const std::string& socket, bool may_return) {
    const auto place = connections_.find(socket);
    if (place == connections_.end()) return;
    Connection& connection = *place->second;
    leave_all(connection);
    presence_.disconnect(connection.identity.user, socket);
    if (!may_return && !connection.is_taken && !connection.session.empty()) {
        auto forget = [](SessionStore& sessions, std::string id) -> awaitable<void> {
            co_await sessions.remove(std::move(id), soon());
        };
        background_.spawn(forget(sessions_, connection.session));
    }
    connections_.erase(place);
}

void Platform::leave_all(Connection& connection) {
    for (const auto& [room, joined_at] : connection.rooms) reader_.unsubscribe(room);
    connection.rooms.clear();
}

awaitable<void> Platform::flush(Deadline deadline) { co_await presence_.flush(deadline); }

std::string Platform::trouble() const {
    if (auto keys = keys_.trouble(); !keys.empty()) return keys;
    if (!redis_.is_connected()) return "redis: " + redis_.last_error();
    if (!reader_.is_connected()) return "redis: rooms are not read";
    if (!presence_.has_beaten()) return "redis: this pod has not shown itself yet";
    if (!bans_.is_known()) return "redis: who is banned is not known";
    return {};
}

SessionRecord Platform::record_of(const std::string& socket, const Connection& connection) const {
    return {connection.identity.user, presence_.member_of(socket), connection.rooms};
}

// A session that could not be kept costs a client a fetch, no more.
awaitable<void> Platform::save(std::string socket) {
    const Connection* connection = find(socket);
    if (connection == nullptr || connection->is_taken) co_return;
    try {
        co_await sessions_.put(connection->session, record_of(socket, *connection), soon());
    } catch (const redis::Error&) {
    }
}

awaitable<void> Platform::refresh_sessions() {
    for (;;) {
        co_await sleep_until(Deadline::after(kBetweenRefreshes));
        std::vector<std::string> sockets;
        for (const auto& [socket, connection] : connections_) sockets.push_back(socket);
        for (auto& socket : sockets) co_await save(std::move(socket));
    }
}

awaitable<void> Platform::sweep() {
    for (;;) {
        co_await sleep_until(Deadline::after(kBetweenSweeps));
        sweep_tokens();
    }
}

void Platform::sweep_tokens() {
    const auto at = now();
    std::vector<std::string> expired;
    for (const auto& [socket, connection] : connections_) {
        const auto& expires_at = connection->identity.expires_at;
        if (!connection->is_open || !expires_at) continue;
        if (*expires_at <= at) {
            expired.push_back(socket);
        } else if (*expires_at - kWarnedBeforeExpiry <= at && !connection->was_warned) {
            connection->was_warned = true;
            const auto event =
                simple_event("token-expiring", "expiresAt", format_rfc3339(*expires_at));
            gateway_.send(socket, with_offset(event, reader_.positions().to_offset()));
        }
    }
    // So that it comes back: with a fresh token if it has one, else it is refused in words.
    for (const auto& socket : expired) {
        gateway_.close(socket, Ending::ComeBack, "the token has expired");
    }
}

Platform::Connection* Platform::find(const std::string& socket) {
    const auto place = connections_.find(socket);
    return place == connections_.end() ? nullptr : place->second.get();
}

bool Platform::is_member(const std::string& socket, const std::string& room) {
    const Connection* connection = find(socket);
    return connection != nullptr && connection->rooms.contains(room);
}

}  // namespace chatflow::socket
