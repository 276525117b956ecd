#include "libs/events/consumer.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/deadline.hpp"
#include "libs/events/scripts.hpp"
#include "libs/events/stream_entry.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <random>
#include <span>
#include <string_view>
#include <utility>

namespace chatflow::events {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 2s;
constexpr auto kBlock = 500ms;  // and so how late a retry may begin
constexpr auto kAfterFailure = 500ms;
constexpr auto kBetweenReports = 5s;

Deadline soon() { return Deadline::after(kCallTime); }

double random_share() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(random);
}

std::string count(std::chrono::milliseconds time) { return std::to_string(time.count()); }

redis::Command command_of(const std::vector<std::string>& words) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    return redis::Command(std::span<const std::string_view>(views));
}

}  // namespace

// An event in hand, and where it came from.
struct Consumer::Attempt {
    Event event;
    unsigned number = 1;
    std::string due;  // of a retry: the lease that it is held by; empty: from the stream

    [[nodiscard]] std::string member() const { return topic_of(event.type) + "/" + event.id; }
    [[nodiscard]] bool is_retry() const { return !due.empty(); }
};

Consumer::Consumer(redis::Client& redis, const Catalog& catalog, Subscription subscription,
                   Handler handler, Observer* observer, Log log, Layout layout, Bounds bounds)
    : redis_(redis),
      catalog_(catalog),
      subscription_(std::move(subscription)),
      handler_(std::move(handler)),
      observer_(observer),
      log_(log.with({{"group", subscription_.group}})),
      layout_(std::move(layout)),
      bounds_(bounds),
      topics_(catalog_.topics(subscription_.patterns)) {
    if (topics_.empty()) throw std::invalid_argument("no event type matches the subscription");
}

awaitable<void> Consumer::run() {
    std::string told;
    for (;;) {
        try {
            co_await consume();
        } catch (const redis::Error& error) {
            if (told != error.what()) {
                log_.warning("Events cannot be read", {{"error", error.what()}});
            }
            told = error.what();
        }
        co_await sleep_until(Deadline::after(kAfterFailure));
    }
}

awaitable<void> Consumer::consume() {
    co_await redis_.wait_until_connected(Deadline::after(24h));
    const auto where = redis_.options_for(layout_.tag());
    if (!where) throw redis::Unavailable("the cluster's map is not known");
    auto connection = co_await redis::Connection::open(*where);
    co_await create_groups();
    auto next_claim = Deadline::after(0s);
    auto next_report = Deadline::after(0s);
    for (;;) {
        co_await retry_due();
        if (next_claim.has_passed()) {
            co_await claim_lost();
            next_claim = Deadline::after(subscription_.lost_after / 4);
        }
        if (next_report.has_passed() && observer_ != nullptr) {
            co_await report_backlog();
            next_report = Deadline::after(kBetweenReports);
        }
        co_await read_new(*connection);
    }
}

awaitable<void> Consumer::create_groups() {
    for (const std::string& topic : topics_) {
        const auto stream = layout_.stream(topic);
        redis::Command create{"XGROUP",  "CREATE", stream, subscription_.group, subscription_.start,
                              "MKSTREAM"};
        try {
            co_await redis_.call(std::move(create), soon());
        } catch (const redis::ServerError& error) {
            if (error.code() != "BUSYGROUP") throw;  // it exists: all is well
        }
    }
}

awaitable<void> Consumer::read_new(redis::Connection& connection) {
    std::vector<std::string> words{"XREADGROUP",
                                   "GROUP",
                                   subscription_.group,
                                   subscription_.consumer,
                                   "COUNT",
                                   std::to_string(subscription_.batch),
                                   "BLOCK",
                                   count(kBlock),
                                   "STREAMS"};
    for (const std::string& topic : topics_) words.push_back(layout_.stream(topic));
    words.insert(words.end(), topics_.size(), ">");
    const auto reply =
        co_await connection.call(command_of(words), Deadline::after(kBlock + kCallTime));
    for (std::size_t s = 0; s < reply.size(); ++s) {
        const auto entries = reply[s][1];
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto event = parse_entry(entries[i]);
            if (event) {
                co_await handle({.event = *event});
            } else {  // none of ours: nobody can handle it
                const std::string stream(reply[s][0].text());
                const std::string id(entries[i][0].text());
                redis::Command acknowledge{"XACK", stream, subscription_.group, id};
                co_await redis_.call(std::move(acknowledge), soon());
            }
        }
    }
}

awaitable<void> Consumer::retry_due() {
    const std::array keys{layout_.retries(subscription_.group),
                          layout_.retry_data(subscription_.group)};
    const std::array arguments{count(subscription_.lost_after),
                               std::to_string(subscription_.batch)};
    const auto taken = co_await redis_.eval(take_due_script(), keys, arguments, soon());
    for (std::size_t i = 0; i + 2 < taken.size(); i += 3) {
        auto failed = parse_failed(taken[i + 2].text());
        if (!failed) {
            log_.error("A retry cannot be read and is dropped", {{"id", taken[i].text()}});
            const std::array done{std::string(taken[i].text()), std::string(taken[i + 1].text())};
            co_await redis_.eval(finish_retry_script(), keys, done, soon());
            continue;
        }
        co_await handle({.event = std::move(failed->event),
                         .number = failed->attempts + 1,
                         .due = std::string(taken[i + 1].text())});
    }
}

awaitable<void> Consumer::claim_lost() {
    for (const std::string& topic : topics_) co_await claim_lost(topic);
}

// What a consumer that died had been given.
awaitable<void> Consumer::claim_lost(std::string topic) {
    const auto stream = layout_.stream(topic);
    redis::Command command{"XAUTOCLAIM",
                           stream,
                           subscription_.group,
                           subscription_.consumer,
                           count(subscription_.lost_after),
                           "0",
                           "COUNT",
                           std::to_string(subscription_.batch)};
    const auto claimed = co_await redis_.call(std::move(command), soon());
    const auto entries = claimed[1];
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto event = parse_entry(entries[i]);
        if (!event) continue;
        const auto number = co_await deliveries(stream, event->id);
        Attempt attempt{.event = std::move(*event), .number = number};
        if (number > subscription_.retry.attempts_max) {
            const auto outcome = co_await fail(attempt, "its consumers died", true);
            if (observer_ != nullptr) {
                observer_->on_handled(subscription_.group, attempt.event.type, outcome, 0s);
            }
        } else {
            co_await handle(std::move(attempt));
        }
    }
}

awaitable<unsigned> Consumer::deliveries(const std::string& stream, const std::string& id) {
    redis::Command ask{"XPENDING", stream, subscription_.group, id, id, "1"};
    const auto pending = co_await redis_.call(std::move(ask), soon());
    if (pending.size() == 0) co_return 1;
    co_return static_cast<unsigned>(pending[0][3].integer());
}

awaitable<void> Consumer::handle(Attempt attempt) {
    const auto started = Deadline::Clock::now();
    auto outcome = Outcome::Handled;
    bool is_final = false;
    const auto error = co_await try_handler(attempt.event, is_final);
    if (error.empty()) {
        if (!co_await finish(attempt)) outcome = Outcome::Taken;
    } else {
        outcome = co_await fail(attempt, error, is_final);
    }
    if (observer_ != nullptr) {
        observer_->on_handled(subscription_.group, attempt.event.type, outcome,
                              Deadline::Clock::now() - started);
    }
}

// Why it failed; "" when it did not.
awaitable<std::string> Consumer::try_handler(const Event& event, bool& is_final) {
    if (!is_wanted(event.type)) co_return "";
    if (const auto errors = catalog_.check(event); !errors.empty()) {
        is_final = true;
        co_return to_string(errors);
    }
    try {
        const auto deadline = Deadline::after(subscription_.handler_time_max);
        co_await with_deadline(handler_(event), deadline, "the handler");
        co_return "";
    } catch (const Unacceptable& error) {
        is_final = true;
        co_return error.what();
    } catch (const std::exception& error) {
        if (is_cancellation(std::current_exception())) throw;
        co_return error.what();
    }
}

awaitable<bool> Consumer::finish(const Attempt& attempt) {
    if (!attempt.is_retry()) {
        const auto stream = layout_.stream(topic_of(attempt.event.type));
        redis::Command acknowledge{"XACK", stream, subscription_.group, attempt.event.id};
        const auto reply = co_await redis_.call(std::move(acknowledge), soon());
        co_return reply.integer() == 1;
    }
    const std::array keys{layout_.retries(subscription_.group),
                          layout_.retry_data(subscription_.group)};
    const std::array arguments{attempt.member(), attempt.due};
    const auto reply = co_await redis_.eval(finish_retry_script(), keys, arguments, soon());
    co_return reply.integer() == 1;
}

awaitable<Outcome> Consumer::fail(const Attempt& attempt, const std::string& error, bool is_final) {
    const auto& group = subscription_.group;
    const auto stream = layout_.stream(topic_of(attempt.event.type));
    const auto json = to_json({attempt.event, attempt.number, printable(error)});
    const auto delay =
        is_final ? std::nullopt : decide_retry(subscription_.retry, attempt.number, random_share());
    redis::Reply reply;
    if (!delay) {
        log_.warning("An event could not be handled",
                     {{"type", attempt.event.type}, {"id", attempt.event.id}, {"error", error}});
        const std::array keys{stream, layout_.retries(group), layout_.retry_data(group),
                              layout_.dead(group)};
        const std::array arguments{group,
                                   attempt.event.id,
                                   attempt.member(),
                                   attempt.due,
                                   std::to_string(bounds_.dead_letters_max),
                                   json};
        reply = co_await redis_.eval(bury_script(), keys, arguments, soon());
    } else if (attempt.is_retry()) {
        const std::array keys{layout_.retries(group), layout_.retry_data(group)};
        const std::array arguments{attempt.member(), attempt.due, count(*delay), json};
        reply = co_await redis_.eval(postpone_again_script(), keys, arguments, soon());
    } else {
        const std::array keys{stream, layout_.retries(group), layout_.retry_data(group)};
        const std::array arguments{group, attempt.event.id, attempt.member(), count(*delay), json};
        reply = co_await redis_.eval(postpone_script(), keys, arguments, soon());
    }
    if (reply.integer() == 0) co_return Outcome::Taken;
    co_return delay ? Outcome::Retried : Outcome::Dead;
}

awaitable<void> Consumer::report_backlog() {
    std::uint64_t waiting = 0;
    for (const std::string& topic : topics_) {
        redis::Command ask{"XPENDING", layout_.stream(topic), subscription_.group};
        const auto pending = co_await redis_.call(std::move(ask), soon());
        waiting += static_cast<std::uint64_t>(pending[0].integer());
    }
    const auto& group = subscription_.group;
    redis::Command count_retries{"ZCARD", layout_.retries(group)};
    const auto retrying = co_await redis_.call(std::move(count_retries), soon());
    redis::Command count_dead{"XLEN", layout_.dead(group)};
    const auto dead = co_await redis_.call(std::move(count_dead), soon());
    observer_->on_backlog(group, waiting, static_cast<std::uint64_t>(retrying.integer()),
                          static_cast<std::uint64_t>(dead.integer()));
}

bool Consumer::is_wanted(const std::string& type) const {
    const auto fits = [&](const std::string& pattern) { return matches(pattern, type); };
    return std::ranges::any_of(subscription_.patterns, fits);
}

}  // namespace chatflow::events
