#include "workloads/chat-server/io/outbox_publisher.hpp"

#include "libs/async/side_by_side.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/postgres/errors.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/script.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatchMax = 500;
// How long a message waits at most, each pause one small query: while messages come, and later.
constexpr auto kIdlePause = 10ms;
constexpr auto kQuietPause = 50ms;
constexpr auto kQuietAfter = 2s;
constexpr auto kWaitingPause = 1s;  // while another pod holds the lease
constexpr auto kAwayPause = 500ms;  // while a server is away
constexpr int kToldAfter = 2;       // looks; at a start the first one is too early
constexpr auto kLiftingInterval = 1s;
constexpr auto kBatchTime = 5s;  // well within the lease of 10 s

// A name is known for as long as its row may be there: PostgreSQL may be away for long between the
// publication and the row's deletion. After it only a crash of PostgreSQL brings a row back.
constexpr rooms::Retention kRetention{.once_time = 24h};
constexpr auto kNameTime = 5min;
constexpr auto kShortenTime = 1s;

// As the gateways read them: docs/data-model.md.
constexpr std::string_view kBannedKey = "banned:users";
constexpr std::string_view kControlChannel = "rt:control";

const redis::Script& control_script() {
    static const redis::Script script(R"lua(
        local message = cjson.decode(ARGV[2])
        if message.type == 'ban' then redis.call('SADD', KEYS[1], message.userId) end
        if message.type == 'unban' then redis.call('SREM', KEYS[1], message.userId) end
        return redis.call('PUBLISH', ARGV[1], ARGV[2]))lua");
    return script;
}

}  // namespace

OutboxPublisher::OutboxPublisher(OutboxRepository& outbox, redis::Client& redis, Metrics& metrics,
                                 Log log)
    : outbox_(outbox),
      redis_(redis),
      rooms_(redis, {}, kRetention),
      replicas_(redis),
      metrics_(metrics),
      log_(std::move(log)) {}

awaitable<void> OutboxPublisher::run() {
    int times_away = 0;
    Deadline quiet_from = Deadline::after({});
    for (;;) {
        const Outcome outcome = co_await publish_some();
        const bool is_away = outcome == Outcome::Away;
        if (!is_away && times_away >= kToldAfter) log_.info("Rooms are told of changes again");
        times_away = is_away ? times_away + 1 : 0;
        if (times_away == kToldAfter) {
            log_.warning("Rooms cannot be told of changes; they are kept");
        }
        switch (outcome) {
            case Outcome::Busy:
                quiet_from = Deadline::after(kQuietAfter);
                break;
            case Outcome::Idle:
                co_await sleep_until(
                    Deadline::after(quiet_from.has_passed() ? kQuietPause : kIdlePause));
                break;
            case Outcome::Waiting:
                co_await sleep_until(Deadline::after(kWaitingPause));
                break;
            case Outcome::Away:
                co_await sleep_until(Deadline::after(kAwayPause));
                break;
        }
    }
}

awaitable<OutboxPublisher::Outcome> OutboxPublisher::publish_some() {
    if (!redis_.is_connected()) co_return Outcome::Away;
    try {
        auto batch = co_await outbox_.take(kBatchMax, Deadline::after(kBatchTime));
        using Seconds = std::chrono::duration<double>;
        metrics_.outbox_oldest_seconds.Set(
            batch.rows.empty() ? 0 : Seconds(batch.rows.front().age).count());
        if (!batch.is_ours) co_return Outcome::Waiting;
        if (next_lifting_.has_passed()) {
            co_await outbox_.lift_ended_bans(Deadline::after(kBatchTime));
            next_lifting_ = Deadline::after(kLiftingInterval);
        }
        if (batch.rows.empty()) co_return Outcome::Idle;
        co_return co_await publish_all(std::move(batch.rows));
    } catch (const postgres::Error&) {
        co_return Outcome::Away;
    }
}

awaitable<OutboxPublisher::Outcome> OutboxPublisher::publish_all(std::vector<OutboxRow> rows) {
    std::vector<std::int64_t> published;
    // Each room for itself; "": what gateways are told.
    std::map<std::string_view, std::vector<const OutboxRow*>> by_room;
    for (const OutboxRow& row : rows) by_room[row.room_id].push_back(&row);
    const auto deadline = Deadline::after(kBatchTime);
    std::vector<awaitable<void>> publishing;
    for (auto& [room, its_rows] : by_room) {
        publishing.push_back(publish_in_order(std::move(its_rows), deadline, published));
    }
    co_await all_settled(std::move(publishing));
    const bool is_whole = published.size() == rows.size();
    if (!published.empty()) {
        if (!co_await is_settled()) co_return Outcome::Away;
        const std::set<std::int64_t> removed(published.begin(), published.end());
        co_await outbox_.remove(std::move(published), Deadline::after(kBatchTime));
        std::erase_if(rows, [&](const OutboxRow& row) { return !removed.contains(row.id); });
        co_await shorten_names(rows);
    }
    co_return is_whole ? Outcome::Busy : Outcome::Away;
}

// Names that stay long cost memory and nothing else.
awaitable<void> OutboxPublisher::shorten_names(const std::vector<OutboxRow>& rows) {
    std::vector<rooms::PublicationName> names;
    for (const OutboxRow& row : rows) {
        if (!row.room_id.empty()) names.push_back({.room = row.room_id, .once = row.once});
    }
    try {
        co_await rooms_.shorten_names(names, kNameTime, Deadline::after(kShortenTime));
    } catch (const redis::Error& error) {
        log_.debug("Names of changes stay for longer", {{"error", error.what()}});
    }
}

awaitable<bool> OutboxPublisher::is_settled() {
    try {
        co_await replicas_.settle();
        co_return true;
    } catch (const redis::Error&) {
        co_return false;  // told again under the same name, which changes nothing if it is there
    }
}

// Ends with the first that is refused: Redis without memory refuses one change and takes the next.
awaitable<void> OutboxPublisher::publish_in_order(std::vector<const OutboxRow*> rows,
                                                  Deadline deadline,
                                                  std::vector<std::int64_t>& published) {
    for (const OutboxRow* row : rows) {
        if (!co_await publish_one(*row, deadline)) co_return;
        published.push_back(row->id);
    }
}

awaitable<bool> OutboxPublisher::publish_one(const OutboxRow& row, Deadline deadline) {
    try {
        if (row.room_id.empty()) {
            co_await tell_gateways(row, deadline);
        } else {
            co_await tell_room(row, deadline);
        }
        metrics_.outbox_seconds.Observe(std::chrono::duration<double>(row.age).count());
        co_return true;
    } catch (const redis::Error& error) {
        log_.debug("A change was not told", {{"name", row.once}, {"error", error.what()}});
        co_return false;
    }
}

awaitable<void> OutboxPublisher::tell_room(const OutboxRow& row, Deadline deadline) {
    rooms::Publication publication{
        .room = row.room_id, .event = row.event, .except = {}, .once = row.once};
    co_await rooms_.publish(std::move(publication), deadline);
}

// The set is for gateways that start later, or were away.
awaitable<void> OutboxPublisher::tell_gateways(const OutboxRow& row, Deadline deadline) {
    const std::array keys{std::string(kBannedKey)};
    const std::array arguments{std::string(kControlChannel), row.event};
    co_await redis_.eval(control_script(), keys, arguments, deadline);
}

}  // namespace chatflow::chat
